"""Whatever is sent, the answer is one error report, and the connection lives on."""

import json
import random

import pytest

from host_tests.harness import error_class, split

_DEEP = 200


def assert_refused(wire, sent, begin, name, least_text=""):
    """One error_ line that begins like this, with that class; then the connection answers as ever."""
    wire.send(sent)
    line = wire.line()
    assert line.startswith(begin + " ["), line
    data = json.loads(line[len(begin) + 1 :])
    assert [type(part) for part in data] == [str, str, dict], line
    assert data[0] == name, line
    assert least_text in data[1], line
    assert "Traceback" not in line
    wire.send("ping alive")
    assert wire.line().startswith("pong alive ")


@pytest.mark.parametrize(
    ("sent", "begin"),
    [
        ("nonsense", "error_nonsense "),
        ("nonsense gate:value 5", "error_nonsense gate:value"),
        ("READ gate:value", "error_READ gate:value"),
        ("Describe", "error_Describe "),
        ("*idn?", "error_*idn? "),
        ("*IDN", "error_*IDN "),
        ("error_read gate:value", "error_error_read gate:value"),
        ("reply gate:value [1, {}]", "error_reply gate:value"),
        ("GET / HTTP/1.1", "error_GET /"),
        (" read gate:value", "error_ read"),
        ("  read gate:value", "error_ "),
        (" ", "error_ "),
        ("read  gate:value", "error_read "),
        ("read", "error_read "),
        ("change", "error_change "),
        ("do", "error_do "),
        ("check", "error_check "),
        ("do motor", "error_do motor"),
        ("read gate:", "error_read gate:"),
        ("read :value", "error_read :value"),
        ("read :", "error_read :"),
        ("read 1gate:value", "error_read 1gate:value"),
        ("read ga-te:value", "error_read ga-te:value"),
        ("read gate:va.lue", "error_read gate:va.lue"),
        ("read gate:1value", "error_read gate:1value"),
        ("change gate:target! 1", "error_change gate:target!"),
        ("do motor:st/op", "error_do motor:st/op"),
        ("read gäte:value", "error_read gäte:value"),
        ("activate 5", "error_activate 5"),
        ("activate :", "error_activate :"),
        ("deactivate ga-te", "error_deactivate ga-te"),
    ],
)
def test_malformed(wire, sent, begin):
    wire.ask("*IDN?")  # as the first line of all, HTTP's ends the connection: test_http.py
    assert_refused(wire, sent, begin, "ProtocolError")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"\xc3(",
        b"\xc0\xaf",  # an overlong /
        b"\xe2\x82",  # cut off
        b"\xed\xa0\x80",  # a surrogate
        b"\xf4\x90\x80\x80",  # beyond Unicode
        b"\x80",
        b"\x00",
        b"\x01",
        b"\x03",
        b"\t",
        b"\x1b[A",
        b"\x7f",
        b"a\rb",
    ],
)
def test_no_text(wire, data):
    control = [c for c in data if c < 0x20 or c == 0x7F]
    words = f"control character (0x{control[0]:02x})" if control else "no text (UTF-8)"
    assert_refused(wire, b'change types:_text "' + data + b'"', "error_change types:_text", "ProtocolError", words)


def test_no_text_in_the_action_or_specifier(wire):
    """It can't be repeated as sent; what goes out is text all the same."""
    for sent in (b"\xff\xfe\x00", b"read \xff:value", b"\x00", b"re\x00ad gate:value", b"\x16\x03\x01\x02"):
        wire.send(sent)
        assert error_class(wire.line()) == "ProtocolError"
    assert wire.ask("ping x").startswith("pong x ")


@pytest.mark.parametrize(
    "data",
    [
        "{", "}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", '{"p":1,}', '{"p" 1}', '{"p":}', "{p:1}", "{1:1}", '{"p"}',
        "01", "-01", "1.", ".5", "+1", "-", "--1", "1e", "1e+", "0x10", "1_000", "1,5", "1 2", "[1][2]", '"a" "b"', "1]",
        "NaN", "nan", "Infinity", "-Infinity", "inf", "True", "None", "tru", "nul", "nullx",
        "'a'", '"a', '"', '"\\x41"', '"\\u12"', '"\\u12g4"', '"\\"', "bare", "/* 1 */ 1", "1 // one", ",", " ",
        '"\\ud800"', '"\\udc00"', '"\\ud800x"', '"\\ud800\\n"', '"\\ud800\\ud800"', '"\\udc00\\ud800"',
        "[" * _DEEP, "[" * _DEEP + "]" * _DEEP, '{"p":' * 100 + "1" + "}" * 100, '[{"p":' * 100,
    ],
)  # fmt: skip
@pytest.mark.parametrize("parameter", ["types:_double", "types:_struct"])
def test_no_json(wire, parameter, data):
    assert_refused(wire, f"change {parameter} {data}", f"error_change {parameter}", "BadJSON")


def test_no_json_for_a_command(wire):
    assert_refused(wire, "do motor:stop {", "error_do motor:stop", "BadJSON")
    assert_refused(wire, "do calc:_double 01", "error_do calc:_double", "BadJSON")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "3.5e38", "1e39", "1" + "0" * 400, "-" + "9" * 900])
@pytest.mark.parametrize("parameter", ["_double", "_free", "_int", "_scaled", "_enum"])
def test_too_large(wire, parameter, number):
    assert_refused(wire, f"change types:{parameter} {number}", f"error_change types:{parameter}", "RangeError")


def test_too_large_deep_inside(wire):
    for sent in ("_array [1, 1e400]", '_struct {"pair": {"x": 1e400}}', '_tuple [1e400, ""]', '_points [{"x": -1e400}]'):
        assert_refused(wire, "change types:" + sent, "error_change types:" + sent.split()[0], "RangeError")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("read nomodule:value", "NoSuchModule"),
        ("read Gate:value", "NoSuchModule"),
        ("read _:value", "NoSuchModule"),
        ("change nomodule:target 1", "NoSuchModule"),
        ("do nomodule:stop", "NoSuchModule"),
        ("check nomodule:target 1", "NoSuchModule"),
        ("activate nomodule", "NoSuchModule"),
        ("activate nomodule:value", "NoSuchModule"),
        ("deactivate nomodule", "NoSuchModule"),
        ("read gate:nothing", "NoSuchParameter"),
        ("read gate:Value", "NoSuchParameter"),
        ("change gate:nothing 1", "NoSuchParameter"),
        ("read motor:stop", "NoSuchParameter"),
        ("change motor:stop 1", "NoSuchParameter"),
        ("read calc", "NoSuchParameter"),
        ("change faulty", "NoSuchParameter"),
        # names that Python knows, but SECoP does not
        ("read gate:name", "NoSuchParameter"),
        ("read gate:__init__", "NoSuchParameter"),
        ("read gate:read_value", "NoSuchParameter"),
        ("do gate:write_target 1", "NoSuchCommand"),
        ("do gate:off", "NoSuchCommand"),
        ("do motor:nothing", "NoSuchCommand"),
        ("do motor:target", "NoSuchCommand"),
        ("do motor:value 1", "NoSuchCommand"),
        ("change types:_readonly 1", "ReadOnly"),
        ("change gate:value 1", "ReadOnly"),
        ("change gate:status [100, \"\"]", "ReadOnly"),
        ("read types:_constant", "ReadOnly"),
        ("change types:_constant 12.5", "ReadOnly"),
        ("check types:_readonly 1", "NotCheckable"),
        ("check types:_constant 1", "NotCheckable"),
        ("check types:_int 1", "NotCheckable"),
        ("check motor:stop", "NotCheckable"),
    ],
)  # fmt: skip
def test_not_there_or_not_allowed(wire, sent, name):
    action, specifier = sent.split(" ")[:2]
    assert_refused(wire, sent, f"error_{action} {specifier}", name)


def test_not_checkable_says_nothing_more(wire):
    assert split(wire.ask("check types:_int 1"))[2] == ["NotCheckable", "", {}]


@pytest.mark.parametrize(
    ("parameter", "data", "name"),
    [
        *(("_double", data, "WrongType") for data in ("true", '"1"', "null", "[1]", "{}", "")),
        *(("_int", data, "WrongType") for data in ("true", '"1"', "null", "1.5", "[1]", "-1e-3")),
        *(("_scaled", data, "WrongType") for data in ("true", '"1"', "null", "1.5")),
        *(("_bool", data, "WrongType") for data in ("1", "0", '"true"', "null", "[]")),
        *(("_enum", data, "WrongType") for data in ("true", "1.5", "null", "[1]", '{"ON": 1}')),
        *(("_string", data, "WrongType") for data in ("1", "null", "true", '["a"]')),
        *(
            ("_blob", data, "WrongType")
            for data in ("1", "null", '"A"', '"AA="', '"AA"', '"A==="', '" AA=="', '"AA==="', '"?A=="')
        ),
        *(("_blob", data, "WrongType") for data in ('"AA==\\n"', '"AB=="', '"A A="', '"äA=="')),
        *(("_array", data, "WrongType") for data in ("1", "null", "{}", '"1"', '["1"]', "[1, null]", "[[1]]", "[1.5]")),
        *(("_tuple", data, "WrongType") for data in ("1", "null", "[]", "[1]", '[1, "a", 2]', '["a", 1]', "{}")),
        *(("_struct", data, "WrongType") for data in ("1", "null", "[]", "{}", '{"p": 1}', '{"pair": {}}', '{"pair": 1}')),
        *(("_struct", data, "WrongType") for data in ('{"pair": {"x": 1}, "z": 1}', '{"pair": {"x": 1, "z": 1}}')),
        *(("_struct", data, "WrongType") for data in ('{"pair": {"x": 1}, "p": null}', '{"pair": {"x": 1}, "P": 1}')),
        *(("_matrix", data, "WrongType") for data in ("1", "null", "[]", "{}", '{"len": [1, 1]}', '{"blob": ""}')),
        *(("_matrix", data, "WrongType") for data in ('{"len": [1], "blob": "AAA="}', '{"len": [1, 1], "blob": "AAA"}')),
        *(("_matrix", data, "WrongType") for data in ('{"len": [1, 1], "blob": "AA=="}', '{"len": [1.5, 1], "blob": ""}')),
        *(("_double", data, "RangeError") for data in ("1000.01", "-1001", "1e10")),
        *(("_int", data, "RangeError") for data in ("11", "-11", "11.0", "16777217")),
        *(("_scaled", data, "RangeError") for data in ("2501", "-1")),
        *(("_enum", data, "RangeError") for data in ("2", "-1", '"on"', '"NONE"', '""')),
        *(("_string", data, "RangeError") for data in ('"123456789"', '"ä"', '"\\u00e4"')),
        *(("_blob", data, "RangeError") for data in ('""', '"AAAAAAA="')),
        *(("_array", data, "RangeError") for data in ("[]", "[1, 2, 3, 4]", "[10]", "[1, -1]")),
        *(("_tuple", data, "RangeError") for data in ('[10, ""]', '[1, "ä"]')),
        *(("_struct", data, "RangeError") for data in ('{"pair": {"x": 10}}', '{"pair": {"x": 1}, "p": 101}')),
        *(
            ("_matrix", data, "RangeError")
            for data in ('{"len": [4, 1], "blob": "AAAAAAAAAAA="}', '{"len": [-1, 1], "blob": ""}')
        ),
    ],
)
def test_wrong_type_or_out_of_range(wire, parameter, data, name):
    assert_refused(wire, f"change types:{parameter} {data}", f"error_change types:{parameter}", name)


@pytest.mark.parametrize(
    ("command", "data", "name"),
    [
        ("_nothing", "1", "WrongType"),
        ("_nothing", "{}", "WrongType"),
        ("_double", "", "WrongType"),
        ("_double", "null", "WrongType"),
        ("_double", "101", "RangeError"),
        ("_join", "[1]", "WrongType"),
        ("_join", '[10, "a"]', "RangeError"),
        ("_divide", "{}", "WrongType"),
        ("_divide", '{"a": 1, "c": 1}', "WrongType"),
        ("_sum", "[1, 2, 3, 4, 5, 6]", "RangeError"),
    ],
)
def test_wrong_argument(wire, command, data, name):
    assert_refused(wire, f"do calc:{command} {data}".rstrip(), f"error_do calc:{command}", name)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("types:_double 1001", ("1000", "V")),
        ("types:_int 11", ("-10", "10")),
        ("types:_scaled 2501", ("2500",)),
        ("motor:target -181", ("-180", "180", "deg")),
        ('types:_string "123456789"', ("8",)),
        ("types:_array [1,2,3,4]", ("3",)),
        ('types:_enum "BUSY"', ("OFF", "ON", "AUTO")),
        ('types:_struct {"pair": {"x": 1}, "p": 101}', ("p", "100")),
    ],
)
def test_text_names_the_limit_and_the_unit(wire, sent, words):
    text = split(wire.ask("change " + sent))[2][1]
    assert all(word in text for word in words), text


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        # ProtocolError before all
        (b"read nomodule:5", "ProtocolError"),
        (b"change nomodule:target \xff", "ProtocolError"),
        (b"change nomodule: {", "ProtocolError"),
        # NoSuchModule, NoSuchParameter, NoSuchCommand before what the data say
        (b"change nomodule:target {", "NoSuchModule"),
        (b"check nomodule:target {", "NoSuchModule"),
        (b"do nomodule:stop {", "NoSuchModule"),
        (b"change gate:nothing {", "NoSuchParameter"),
        (b"do gate:nothing {", "NoSuchCommand"),
        (b"check gate:nothing {", "NoSuchParameter"),
        # ReadOnly
        (b"change types:_readonly {", "ReadOnly"),
        (b"change types:_constant {", "ReadOnly"),
        (b'change types:_readonly "x"', "ReadOnly"),
        # NotCheckable, in its place
        (b"check types:_readonly {", "NotCheckable"),
        (b"check types:_constant {", "NotCheckable"),
        (b"check types:_int {", "NotCheckable"),
        (b'check types:_int "x"', "NotCheckable"),
        (b"check motor:stop {", "NotCheckable"),
        # BadJSON
        (b'change types:_array ["a", 99', "BadJSON"),
        (b'change types:_int "a" 1', "BadJSON"),
        (b"change types:_int 99 1", "BadJSON"),
        (b"change types:_bool 1e400 1", "BadJSON"),
        (b"check gate:target 99,", "BadJSON"),
        # WrongType, wherever it stands
        (b'change types:_array [99, "a"]', "WrongType"),
        (b'change types:_array [1, 2, 3, 4, "a"]', "WrongType"),
        (b"change types:_array [1e400, null]", "WrongType"),
        (b"change types:_tuple [99, 1]", "WrongType"),
        (b'change types:_tuple [99, "a", 1]', "WrongType"),
        (b'change types:_struct {"p": 1000, "pair": 1}', "WrongType"),
        (b'change types:_struct {"p": 1000}', "WrongType"),
        (b'change types:_struct {"p": 1000, "pair": {"x": 1}, "z": 1}', "WrongType"),
        (b'change types:_struct {"p": 1000, "pair": {"x": 99, "y": "a"}}', "WrongType"),
        (b'change types:_points [{"x": 99}, {"y": 1}]', "WrongType"),
        (b"change types:_int 1000.5", "WrongType"),
        (b'change types:_matrix {"len": [99, 99], "blob": 5}', "WrongType"),
        # RangeError before Impossible, Impossible before the status
        (b"change gate:target 11", "RangeError"),
        (b"check gate:target 11", "RangeError"),
        (b"change gate:target 5", "Impossible"),
        (b"check gate:target 5", "Impossible"),
        (b"change gate:target 1", "IsBusy"),
    ],
)
def test_precedence(wire, sent, name):
    assert wire.ask("change gate:_locked true").startswith("changed ")
    action, specifier = sent.decode(errors="replace").split(" ")[:2]
    assert_refused(wire, sent, f"error_{action} {specifier}", name)


def test_check_does_not_look_at_the_status(wire):
    for locked in ("true", "false"):
        assert wire.ask("change gate:_locked " + locked).startswith("changed ")
        assert wire.ask("check gate:target 1") == "checked gate:target [1, {}]"
        assert split(wire.ask("check gate:target 7"))[2][2] == {"closest_valid": 4}


def test_refused_changes_change_nothing(wire):
    before = [wire.ask("read types:" + name) for name in ("_array", "_struct", "_double")]
    for sent in ("_array [1, 99]", '_struct {"p": 5, "pair": {"x": 99}}', "_double 1001", "_array [1,"):
        assert error_class(wire.ask("change types:" + sent))
    assert [wire.ask("read types:" + name) for name in ("_array", "_struct", "_double")] == before


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_longest_line(wire, end):
    for data in (b"ping " + b"x" * 1019, b'change types:_text "' + b"x" * 1003 + b'"'):
        assert len(data) == 1024
        wire.socket.sendall(data + end)
        assert wire.line().startswith(("pong " + "x" * 1019 + " [", 'changed types:_text ["xxx'))
    assert wire.ask("ping after").startswith("pong after ")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("length", [1025, 1026, 1027, 1028, 2048, 2049, 2050, 100000])
def test_line_too_long(wire, length, end):
    """One error for it, at its end; the specifier is repeated; what comes behind it is a line of its own."""
    wire.ask("*IDN?")  # a connection that has not spoken SECoP is closed for it: test_http.py
    begin = b'change types:_text "'
    wire.socket.sendall(begin + b"x" * (length - len(begin)))
    if length > 2050:
        assert wire.lines(0.1) == []
    wire.socket.sendall(end + b"ping after\n")
    line = wire.line()
    assert line.startswith("error_change types:_text ["), line
    assert error_class(line) == "ProtocolError"
    assert "1024" in split(line)[2][1]
    assert wire.line().startswith("pong after ")


def test_long_lines_between_short_ones(wire):
    """In one go: where a line begins in the buffer makes no difference."""
    for offset in range(0, 60, 7):
        wire.socket.sendall(b"ping %s\n" % (b"a" * offset) + b"ping " + b"y" * 1020 + b"\n" + b"ping z\n" * 200)
        assert wire.line().startswith("pong a" if offset else "pong  ")
        assert wire.line().startswith("error_ping ")
        for _ in range(200):
            assert wire.line().startswith("pong z ")


def test_a_long_action(wire):
    wire.ask("*IDN?")
    for sent in (b"x" * 1024, b"x" * 5000, b"\xc3\xa4" * 5000, b"\x00" * 3000):
        wire.send(sent)
        assert error_class(wire.line()) == "ProtocolError"
    assert wire.ask("ping after").startswith("pong after ")


@pytest.mark.parametrize(
    ("fault", "name"),
    [("HARDWARE", "HardwareError"), ("OS", "CommunicationFailed"), ("BUG", "InternalError"), ("NAN", "HardwareError")],
)
def test_driver_fails(bench, wire, fault, name):
    try:
        assert wire.ask(f'change faulty:_fault "{fault}"').startswith("changed ")
        assert_refused(wire, "read faulty:value", "error_read faulty:value", name)
        # the status says so as well, since the module does not read it
        wire.send("activate faulty")
        _, updates = wire.until("active faulty")
        told = {split(line)[1]: split(line) for line in updates}
        assert told["faulty:value"][0] == "error_update"
        assert told["faulty:value"][2][0] == name
        if fault == "OS":  # a number of the system has a name, and words
            words = "the hardware did not answer: EIO, nothing was acknowledged; are wires, pull-ups and supply right?"
            assert told["faulty:value"][2][1] == words
        assert told["faulty:status"][2][0][0] == 400
    finally:
        wire.ask("change faulty:_fault 0")
    assert wire.ask("read faulty:value").startswith("reply faulty:value [21")
    assert wire.ask("read faulty:status").startswith("reply faulty:status [[100, ")
    # the traceback stays on the board
    assert fault != "BUG" or "ZeroDivisionError" in bench.log


def test_noise(wire):
    """Random bytes are answered line by line, and nothing else happens."""
    dice = random.Random(1)
    for _ in range(30):
        lines = [bytes(dice.choices(b'ab{}[]":,. \\\x00\xff\xc3\xa49eE-+?*', k=dice.randrange(1, 60))) for _ in range(20)]
        lines = [b"x" + line for line in lines]
        wire.socket.sendall(b"\n".join(lines) + b"\n")
        for _ in lines:
            assert error_class(wire.line()) == "ProtocolError"
    assert wire.ask("ping after").startswith("pong after ")
