"""settings.json: the old values or the new ones after a power cut at any byte, whatever else is wrong with the file, and
flash written as seldom as promised."""

import json
from pathlib import Path

import pytest

from host_tests.harness import mentions
from host_tests.properties.coded import to_hex
from host_tests.properties.served import Refused, Served, fixture

SCRIPT = Path(__file__).with_name("keeping.py")
OLD, NEW, BAD = "settings.json", "settings.new", "settings.bad"
RP2 = {"progsize": 256}
STATES = [
    {"heater": {"_p": 1.5}},
    {"heater": {"_p": 2.5, "_name": "ä" * 20}, "wifi": {"ssid": "lab", "password": '"\\\n'}},
    {"heater": {"_p": 2.5, "_name": "short"}, "wifi": {"ssid": "lab", "password": '"\\\n'}, "x": {"list": [1, [True, "a"]]}},
]
GOOD = b'{"heater": {"_p": 8.0}, "wifi": {"ssid": "lab"}}'
VALUES = json.loads(GOOD)
OTHER = b'{\n"heater": {"_p": 9.5}\n}\n'


keeping = fixture(SCRIPT)


def load(keeping, rename="atomic", broken=(), **files):
    """A start with the given files: (values, {name: content} afterwards, the lines that were logged)."""
    named = {{"old": OLD, "new": NEW, "bad": BAD}[name]: to_hex(content) for name, content in files.items()}
    values, after, said = keeping.ask("load", named, broken, rename)
    return values, {name: bytes.fromhex(content) for name, content in after.items()}, said


def save(keeping, values, broken=(), before=None):
    """(section, name, value), ... set and saved: (whether written, what the file holds, what was logged)."""
    # as JSON that MicroPython's lenient parser does not touch
    values = [[to_hex(json.dumps(word, ensure_ascii=False)) for word in value] for value in values]
    written, content, said, found = keeping.ask("save", values, broken, before and to_hex(before))
    assert found == written[0], "another start finds what was written"
    return written, bytes.fromhex(content), said


# ---- power cuts


@pytest.mark.parametrize("tail", ["kept", "lost", "rubbish"])
@pytest.mark.parametrize("rename", ["atomic", "two steps", "refuses"])
def test_a_power_cut_at_any_byte_leaves_the_old_or_the_new(keeping, rename, tail):
    """Also one in the start after it, and on a disk that forgets what was not synced."""
    count, old, new = keeping.ask("cuts", rename, tail, STATES, True)
    # a byte of each file, its opening, closing and renaming
    assert count > sum(len(json.dumps(state, ensure_ascii=False).encode()) for state in STATES)
    assert old > 100 and new >= len(STATES)


@pytest.mark.parametrize("level", ["micropython"], indirect=True)
@pytest.mark.parametrize(
    "fs,options,stride,least", [("littlefs", RP2, 1, 3000), ("littlefs", {}, 1, 2000), ("fat", {}, 64, 100)]
)
def test_a_power_cut_on_the_file_systems_of_the_boards(keeping, fs, options, stride, least):
    """littlefs at every byte it writes and every erasure; FAT at every sector, since it does not outlast half a one."""
    long = {"heater": {"_p": 2.5, "_name": "x" * 1500}}
    count, old, new = keeping.ask("flash_cuts", fs, options, [STATES[0], long, STATES[2]], stride)
    assert count > least and old and new


def test_cut_while_renaming_where_that_takes_two_steps(keeping):
    values, after, said = load(keeping, new=OTHER)
    assert (values, after, said) == ({"heater": {"_p": 9.5}}, {OLD: OTHER}, [])


def test_cut_between_writing_and_renaming(keeping):
    for new in (OTHER, OTHER[:-5], b""):
        values, after, said = load(keeping, old=GOOD, new=new)
        assert (values, after, said) == (VALUES, {OLD: GOOD}, [])


def test_cut_while_the_first_of_all_is_written(keeping):
    for size in range(len(OTHER) - 1):  # the last byte is a line end
        assert load(keeping, new=OTHER[:size]) == ({}, {}, [])


@pytest.mark.parametrize("size", range(len(GOOD)))
def test_a_file_that_ends_too_early_is_put_aside(keeping, size):
    values, after, said = load(keeping, old=GOOD[:size])
    assert (values, after) == ({}, {BAD: GOOD[:size]})
    assert len(said) == 1 and OLD in said[0] and BAD in said[0] and "defaults hold" in said[0]


# ---- damage


DAMAGE = {
    "empty": b"",
    "spaces": b"  \n",
    "zeros": bytes(300),
    "erased flash": b"\xff" * 300,
    "rubbish": bytes(range(256)),
    "a text": b"hello",
    "a number": b"5",
    "null": b"null",
    "an array": b"[]",
    "an array of objects": b'[{"a": {"b": 1}}]',
    "a section that is no object": b'{"a": {"b": 1}, "c": 5}',
    "a section that is null": b'{"a": null}',
    "a comma too many": b'{"a": {"b": 1},}',
    "a comma missing": b'{"a": {"b": 1 "c": 2}}',
    "a leading zero": b'{"a": {"b": 01}}',
    "NaN": b'{"a": {"b": NaN}}',
    "too large a number": b'{"a": {"b": 1e400}}',
    "something behind it": GOOD + b"}",
    "twice": GOOD + GOOD,
    "a bit too many": GOOD.replace(b'"wifi"', b'"wif\xe9"'),
    "half a character": b'{"a": {"b": "\xc3"}}',
    "half a surrogate": b'{"a": {"b": "\\ud800"}}',
    "a line break in a text": b'{"a": {"b": "x\ny"}}',
    "nested too deep": b'{"a": {"b": ' + b"[" * 12 + b"]" * 12 + b"}}",
    "nested without end": b'{"a": ' * 600,
    "a byte-order mark": b"\xef\xbb\xbf" + GOOD,
    "one byte too large": GOOD[:-1] + b" " * (4096 - len(GOOD)) + b" }",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_broken_file_is_put_aside_and_named(keeping, damage):
    values, after, said = load(keeping, old=DAMAGE[damage], bad=b"an older one")
    assert (values, after) == ({}, {BAD: DAMAGE[damage]})
    assert len(said) == 1 and mentions(said[0], OLD, BAD)
    assert "lab" not in said[0]  # it may be a secret
    assert load(keeping) == ({}, {}, [])


def test_bounds(keeping):
    largest = GOOD[:-1] + b" " * (4096 - len(GOOD)) + b"}"
    assert len(largest) == 4096
    assert load(keeping, old=largest)[0] == VALUES
    assert keeping.ask("pattern", 0x20, 100_000)[0] == {}


def test_what_was_being_written_helps_a_broken_file(keeping):
    values, after, said = load(keeping, old=GOOD[:-1], new=OTHER)
    assert (values, after) == ({"heater": {"_p": 9.5}}, {OLD: OTHER, BAD: GOOD[:-1]})
    assert NEW in said[0]


def test_a_broken_file_on_a_disk_that_does_not_rename_over_another(keeping):
    values, after, said = load(keeping, rename="refuses", old=b"{", bad=b"an older one")
    assert (values, after) == ({}, {BAD: b"{"})


def test_a_file_that_can_not_be_read(keeping):
    values, after, said = load(keeping, broken=[OLD], old=GOOD)
    assert values == {} and len(said) == 1 and mentions(said[0], OLD) and BAD not in said[0]


def test_a_file_that_can_not_be_written(keeping):
    written, content, said = save(keeping, [("a", "b", 1)], [NEW], GOOD)
    assert written == [False, False] and content == GOOD
    assert len(said) == 1 and mentions(said[0], OLD)


def test_too_much_is_not_saved(keeping):
    written, content, said = save(keeping, [("a", "b", "x" * 5000)], [], GOOD)
    assert written == [False, False] and content == GOOD
    assert len(said) == 1 and "room for 4096" in said[0]


# ---- values


@pytest.mark.parametrize(
    "value",
    [0, -5, 16777216, 0.5, -1e30, True, False, "", "ä€😀", '"\\/\b\f\n\r\t\x01\x7f', [], [[]], {}, {"a": [None, {"": 1}]}],
)
def test_what_is_saved_is_found_again(keeping, value):
    written, content, said = save(keeping, [("a", "b", value), ("", "ü", 1)])
    assert written == [True, False] and said == []
    assert json.loads(content) == {"a": {"b": value}, "": {"ü": 1}}


@pytest.mark.parametrize("kind", ["inf", "nan", "bytes", "key", "set", "object", "deep"])
def test_what_has_no_form_in_json_is_refused(keeping, kind):
    with pytest.raises(Refused, match="ValueError"):
        keeping.ask("refused", kind)


def test_values_are_copies_and_none_forgets(keeping):
    *found, text = keeping.ask("again")
    assert found == [[1, 2], [1, [2.5, "x"]], None, 7]
    assert json.loads(text) == {"a": {"b": [1, 2], "c": [1, [2.5, "x"]]}}


# ---- how often flash is written


def test_a_change_is_saved_10_seconds_later(keeping):
    assert keeping.ask("frequency", [5], 300) == [[15], []]
    assert keeping.ask("frequency", [5, 12, 20], 300) == [[30], []]


def test_changes_that_keep_coming_are_saved_once_a_minute(keeping):
    written, said = keeping.ask("frequency", list(range(3600)), 3600)
    assert 58 <= len(written) <= 60 and said == []
    assert all(b - a >= 60 for a, b in zip(written, written[1:], strict=False))


def test_never_twice_in_a_minute(keeping):
    assert keeping.ask("frequency", [0, 15], 300) == [[10, 70], []]
    assert keeping.ask("frequency", [0, 100], 300) == [[10, 110], []]


def test_nothing_changed_nothing_written(keeping):
    assert keeping.ask("frequency", [], 1000) == [[], []]
    assert keeping.ask("back_and_forth", 1000) == 1


def test_ticks_come_round_while_nothing_happens(keeping):
    """After 12 days they begin anew; the last save is further back than they can tell."""
    day = 86400
    assert keeping.ask("frequency", [0, 8 * day], 8 * day + 30) == [[10, 8 * day + 10], []]


def test_what_could_not_be_saved_is_tried_again_in_a_minute(keeping):
    written, said = keeping.ask("frequency", [0], 300, list(range(100)))
    assert written == [130] and len(said) == 1


# ---- what keeps a heater from being resumed


@pytest.mark.parametrize("tail", ["kept", "lost", "rubbish"])
@pytest.mark.parametrize("rename", ["atomic", "two steps", "refuses"])
def test_a_heater_that_was_told_to_be_off_stays_off_wherever_the_power_goes(keeping, rename, tail):
    count, resumed, off = keeping.ask("off_cuts", rename, tail)
    assert count > 300 and resumed and off


def test_an_oven_that_resumes_does_not_have_others_keep_their_power(keeping):
    assert keeping.ask("keeps") == [True, False, True, True, False]


@pytest.mark.parametrize("level", ["micropython"], indirect=True)
@pytest.mark.parametrize("fs,options,stride", [("littlefs", RP2, 1), ("littlefs", {}, 1), ("fat", {}, 64)])
def test_the_same_on_the_file_systems_of_the_boards(keeping, fs, options, stride):
    count, resumed, off = keeping.ask("flash_off_cuts", fs, options, stride)
    assert count > 30 and resumed and off


HOUR = 3600


@pytest.mark.parametrize(
    ("values", "seconds"),
    [([60, None], HOUR), (list(range(100, 0, -1)), HOUR), ([60, 40, 20, None], HOUR), ([60, 61, 59], HOUR)],
)
def test_it_wears_flash_no_more_than_the_rest(keeping, values, seconds):
    """One write a minute on the average, whatever a client does, and none at once where flash says so already."""
    at_once, writes = keeping.ask("off_writes", values, seconds)
    assert writes <= seconds / 60 + 2
    assert at_once <= writes / 2 + 1


def test_nothing_is_written_at_once_that_does_not_keep_it_off(keeping):
    assert keeping.ask("off_writes", [None], HOUR) == [0, 0]
    assert keeping.ask("off_writes", [20], HOUR)[0] == 0
    at_once, writes = keeping.ask("off_writes", list(range(100)), 100)
    assert at_once == 0 and writes == 1


def test_two_heaters_take_one_write(keeping):
    writes, one, two, text = keeping.ask("two_heaters")
    assert (writes, one, two) == (1, False, False) and '"resume"' not in text


def test_where_flash_can_not_be_written_nothing_is_resumed(keeping):
    target, words, later, said = keeping.ask("no_flash")
    assert target is None and words.startswith("off: ") and mentions(words, "60", "flash")
    assert later is None
    assert len(said) == 2 and mentions(said[0], OLD) and mentions(said[1], "60", OLD)


@pytest.mark.parametrize("value", ['"hot"', "true", "[]", "{}", "1000", "-1e30", '"60"', "null"])
def test_a_target_that_is_none_is_not_resumed(keeping, value):
    target, said, left = keeping.ask("rubbish", to_hex(value))
    if value == "-1e30":
        assert target == -1e30  # the node's own check decides
    else:
        assert target is None and left is None
        assert len(said) == (value != "null")


@pytest.mark.parametrize("level", ["micropython"], indirect=True)
@pytest.mark.parametrize(
    "options,size,erasures,hardest", [(RP2, 400, 0.4, 0.02), (RP2, 1500, 1.4, 0.02), ({}, 1500, 1.2, 0.02)]
)
def test_wear(level, options, size, erasures, hardest):
    """How many sectors a save erases, and how often the one that has it hardest: docs/settings.md has the sum."""
    saves = 10000
    fresh = Served(level, SCRIPT)  # it needs the heap in one piece
    erased, most = fresh.ask("wear", options, saves, 212, size)
    fresh.close()
    assert erased < erasures * saves
    assert most < hardest * saves, most
