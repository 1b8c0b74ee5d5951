"""The section "access" of settings.json: who may do what, by way in and address; nonsense closes what it speaks of."""

import json
import re
import time

import pytest

from host_tests import harness
from host_tests.harness import error_class, mentions, split
from host_tests.wire.conftest import BENCH

ADDRESSES = ["192.168.1.7", "192.168.1.8", "192.168.2.1", "10.0.0.1", "fe80::1", ""]
OPEN = ["write"] * (2 + len(ADDRESSES))
CLOSED = ["none"] * (2 + len(ADDRESSES))


@pytest.mark.parametrize(
    ("given", "tcp"),
    [
        ({"tcp": "read"}, ["read"] * 6),
        ({"tcp": "none"}, ["none"] * 6),
        ({"tcp": "write"}, ["write"] * 6),
        ({"tcp": {"192.168.1.7": "write"}}, ["write", "none", "none", "none", "none", "none"]),
        ({"tcp": {"192.168.1.0/24": "read", "192.168.1.7": "write"}}, ["write", "read", "none", "none", "none", "none"]),
        ({"tcp": {"192.168.1.7/32": "none", "192.168.0.0/16": "read"}}, ["none", "read", "read", "none", "none", "none"]),
        ({"tcp": {"0.0.0.0/0": "read", "10.0.0.0/8": "write"}}, ["read", "read", "read", "write", "none", "none"]),
        ({"tcp": {"192.168.1.8/31": "write", "128.0.0.0/1": "none"}}, ["none", "write", "none", "none", "none", "none"]),
    ],
)
def test_rights_by_address(places, given, tcp):
    found, said = places.ask("rights", given, ADDRESSES)
    assert found == ["write", "write", *tcp] and not said


def test_off_by_default(places):
    assert places.ask("rights", {}, ADDRESSES) == [OPEN, []]


@pytest.mark.parametrize(("way", "place"), [("uart", 0), ("console", 1)])
@pytest.mark.parametrize("right", ["read", "none", "write"])
def test_rights_of_a_serial_line(places, way, place, right):
    found, said = places.ask("rights", {way: right}, ADDRESSES)
    assert found[place] == right and not said
    assert found[:place] + found[place + 1 :] == OPEN[1:]


@pytest.mark.parametrize(
    ("nonsense", "word"),
    [
        ("raed", "raed"), ("", "write, read, none"), ("READ", "READ"), (None, "None"), (True, "True"), (1, "1"),
        (["read"], "read"),
        ({}, "1 to 8 networks, not 0"), ({f"10.0.0.{i}": "read" for i in range(9)}, "not 9"),
        ({"192.168.1.7": "raed"}, "raed"), ({"192.168.1.7": ["read"]}, "read"), ({"192.168.1.7": {}}, "{}"),
        ({"192.168.1": "read"}, "192.168.1"), ({"192.168.1.256": "read"}, "192.168.1.256"), ({"": "read"}, "no IPv4"),
        ({"192.168.1.7/33": "read"}, "/33"), ({"192.168.1.7/": "read"}, "192.168.1.7/"), ({"192.168.1.7/-1": "read"}, "/-1"),
        ({"192.168.1.7/24": "read"}, "192.168.1.7/24"), ({"192.168.1.0/24/1": "read"}, "/24/1"), ({"lab.org": "read"}, "lab"),
        ({"0192.168.1.7": "read"}, "0192"), ({" 192.168.1.7": "read"}, " 192"), ({"192.168.1.+7": "read"}, "+7"),
        ({"192.168.1.7": "read", "192.168.1.7/32": "write"}, "twice"), ({"192.168.1.\u0667": "read"}, "no IPv4"),
        ({"::1": "read"}, "::1"), ({"192.168.1.1_0": "read"}, "1_0"),
    ],
)  # fmt: skip
def test_nonsense_closes_its_way_in_and_says_so(places, nonsense, word):
    found, said = places.ask("rights", {"tcp": nonsense, "uart": "read"}, ADDRESSES)
    assert found == ["read", "write"] + CLOSED[2:]
    assert len(said) == 1 and said[0].startswith("access: tcp: ") and word in said[0]
    assert mentions(said[0], "settings.json")


@pytest.mark.parametrize("nonsense", ["raed", {"192.168.1.7": "read"}, None, 5])
def test_nonsense_for_a_serial_line(places, nonsense):
    """Addresses are TCP's alone."""
    found, said = places.ask("rights", {"uart": nonsense}, ADDRESSES)
    assert found == ["none"] + OPEN[1:]
    assert len(said) == 1 and mentions(said[0], "uart", "settings.json")


def test_a_typing_mistake_in_a_name_closes_what_is_not_named(places):
    """Whoever wrote `tpc` believes that TCP is restricted."""
    found, said = places.ask("rights", {"tpc": "read", "console": "write"}, ADDRESSES)
    assert found == ["none", "write"] + CLOSED[2:]
    assert len(said) == 1 and "tpc" in said[0] and "tcp, uart, console" in said[0]


def test_a_file_that_was_put_aside_may_have_had_a_say(places):
    found, said = places.ask("rights", {}, ADDRESSES, True)
    assert found == CLOSED and len(said) == 1 and "put aside" in said[0]


# ---- on the wire

RIGHTS = {"access": {"tcp": {"127.0.0.1": "write", "127.0.0.2": "read", "127.0.0.64/26": "read", "127.0.0.3": "none"}}}


@pytest.fixture
def guarded(nodes):
    """bench, with rights by address."""
    return nodes(BENCH, settings=RIGHTS)


def refused(line, name):
    """An error report of this class, with a text that says why."""
    assert error_class(line) == name, line
    assert re.search(r"settings\.json .*\b127\.0\.0\.\d+ .*\bread\b.*\bwrite\b", split(line)[2][1]), line
    return True


@pytest.mark.parametrize("source", ["127.0.0.2", "127.0.0.65"])
def test_a_client_that_may_only_read(guarded, source):
    with guarded.connect(source=source) as wire, guarded.connect() as writer:
        before = wire.ask("read gate:target")
        assert wire.ask("*IDN?").startswith("ISSE")
        assert wire.ask("describe").startswith("describing . ")
        assert wire.ask("ping x").startswith("pong x ")
        assert wire.ask('logging gate "error"').startswith("logging gate ")
        # check is allowed, and says what change would without this client's rights
        assert wire.ask("check gate:target 3") == "checked gate:target [3, {}]"
        assert error_class(wire.ask("check gate:target 7")) == "Impossible"
        assert refused(wire.ask("change gate:target 3"), "ReadOnly")
        assert refused(wire.ask("change gate 3"), "ReadOnly")
        assert refused(wire.ask("do calc:_nothing"), "Impossible")
        assert refused(wire.ask("do calc:_double 4"), "Impossible")
        assert refused(wire.ask('do echo:communicate "x"'), "Impossible")
        assert refused(wire.ask("do motor:stop"), "Impossible")
        assert split(wire.ask("read gate:target"))[2][0] == split(before)[2][0]
        # others are not held back, and it hears of what they do
        wire.send("activate gate")
        wire.until("active")
        assert writer.ask("change gate:target 2").startswith("changed gate:target [2, ")
        wire.until("update gate:target [2, ", timeout=5)
        assert writer.ask("change gate:target 0").startswith("changed ")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("change nomodule:target 1", "NoSuchModule"), ("change gate:nothing 1", "NoSuchParameter"),
        ("change gate:value 1", "ReadOnly"),
        ("change gate:target {", "ReadOnly"), ("change gate:target 99", "ReadOnly"), ("change gate: 1", "ProtocolError"),
        ("do nomodule:stop", "NoSuchModule"), ("do calc:nothing", "NoSuchCommand"), ("do calc:_double {", "BadJSON"),
        ("do calc:_double", "WrongType"), ("do calc:_double 1000", "RangeError"), ("do calc:_double 1", "Impossible"),
        ("do gate:target 1", "NoSuchCommand"), ("check gate:target 99", "RangeError"),
    ],
)  # fmt: skip
def test_the_order_of_errors_stays(guarded, sent, name):
    with guarded.connect(source="127.0.0.2") as wire:
        assert error_class(wire.ask(sent)) == name


@pytest.mark.parametrize("source", ["127.0.0.3", "127.0.0.4", "127.1.0.1"])
def test_who_has_no_right_is_told_and_closed(guarded, source):
    with guarded.connect() as staying:
        for _ in range(2):
            with guarded.connect(source=source) as wire:
                wire.send("*IDN?")
                line = wire.line()
                assert split(line)[:2] == ("error_*IDN?", "")
                assert error_class(line) == "Impossible" and mentions(line, "settings.json", source)
                with pytest.raises((EOFError, ConnectionError)):
                    wire.line()
        assert staying.ask("ping x").startswith("pong x ")


def test_a_place_gives_its_rights_to_nobody(nodes):
    """A place that a reader left is a writer's next, and the other way round."""
    node = nodes(BENCH, clients=1, settings=RIGHTS)
    for source in ("127.0.0.2", "127.0.0.1") * 3:
        deadline = time.monotonic() + 10
        while True:
            with node.connect(source=source) as wire:
                answer = wire.ask("change gate:target 1")
                if error_class(answer) != "Impossible":
                    break
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert error_class(answer) == (None if source == "127.0.0.1" else "ReadOnly")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"access": {"tcp": "raed"}}, ("access: tcp: 'raed'", "write, read, none")),
        ({"access": {"tcp": {"127.0.0.1/8": "read"}}}, ("access: tcp: 127.0.0.1/8", "8")),
        ({"access": {"tpc": "read"}}, ("access: tpc", "tcp, uart, console, web")),
        ('{"access": {"tcp": "read"}', ("access: ", "put aside")),
        ('{"access": "read"}', ("access: ", "put aside")),
        ('{"wifi": {"x": "' + 5000 * "y" + '"}}', ("access: ", "put aside")),
    ],
)  # fmt: skip
def test_a_node_with_nonsense_serves_nobody_until_it_is_mended(start_node, settings, named):
    node = start_node("outside", settings=settings, ready=False)

    def answer():
        deadline = time.monotonic() + 10
        while True:
            try:
                with node.connect() as wire:
                    return wire.ask("*IDN?")
            except ConnectionRefusedError:
                assert time.monotonic() < deadline and node.process.poll() is None, node.log
                time.sleep(0.05)

    assert error_class(answer()) == "Impossible"
    assert mentions(node.log, *named), node.log
    assert node.stop() == 0
    # a restart makes nothing better by itself
    node.start()
    assert error_class(answer()) == "Impossible"
    node.stop()
    node.settings.write_text(json.dumps({"access": {"tcp": "read"}}))
    node.start()
    assert answer().startswith("ISSE")
    assert "Traceback" not in node.log


# ---- the number of clients


@pytest.mark.parametrize(("given", "clients"), [(None, 3), (1, 1), (8, 8), (9, 3), ("4", 3), (True, 3)])
def test_the_number_of_clients_is_a_setting(start_node, given, clients):
    node = start_node("outside", settings={"node": {"clients": given}} if given is not None else None, ready=False)
    wires = []
    try:
        harness.host.wait_for_answer(node.process, *node.address)
        time.sleep(0.2)  # its own connection has left
        for _ in range(clients):
            wires.append(node.connect())
            assert wires[-1].ask("*IDN?").startswith("ISSE")
        with node.connect() as wire:
            assert f"{clients} clients" in wire.line()
    finally:
        for wire in wires:
            wire.close()
    assert mentions(node.log, "node: clients", "1 to 8") == (given not in (None, 1, 8) or given is True)


# ---- a file that can't be read, or that says something else than was meant


def outcome(node, settings=None):
    """What becomes of a change by TCP at a start of the node: the answer, or why nobody gets in."""
    if settings is not None:
        node.settings.write_bytes(settings)
    node.start()
    deadline = time.monotonic() + 10
    while True:
        try:
            with node.connect() as wire:
                answer = wire.ask("*IDN?")
                return answer if error_class(answer) else wire.ask("change gate:target 1")
        except (ConnectionRefusedError, ConnectionResetError):
            assert time.monotonic() < deadline and node.process.poll() is None, node.log
            time.sleep(0.05)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00", b"\x00" * 300, b"\xff\xfe{}", b"{", b'{"', b'{"acc', b"[]", b"null",
        b'{"wifi": {"ssid": "a", "ssid": "b"}}', b'{"node": {}, "node": {}}', b'{"node": {"clients": 3}',
    ],
)  # fmt: skip
def test_a_file_that_can_not_be_read_lets_nobody_write(start_node, content):
    node = start_node(BENCH, ready=False)
    node.stop()
    for settings in (content, None, None):  # nor after a restart
        answer = outcome(node, settings)
        assert error_class(answer) == "ReadOnly" and mentions(answer, "settings.json"), answer
        assert mentions(node.log, "access: settings.json")
        with node.connect() as wire:
            assert wire.ask("read gate:target").startswith("reply ")
        node.stop()
    # what the node saved by itself is no better: nobody has looked at it
    assert outcome(node, b'{"damaged": {}, "node": {"clients": 2}}').startswith("error_change ")
    node.stop()
    assert outcome(node, b'{"node": {"clients": 2}}').startswith("changed ")
    node.stop()


def test_what_was_saved_since_closes_as_well(start_node):
    """Kept values are saved, and the file that comes of it is a good one, but for what the one before said."""
    node = start_node(harness.NODES / "kept.py", settings="{", ready=False)
    node.stop()
    node.settings.with_suffix(".bad").write_text("{")
    node.settings.write_text('{\n"damaged": {}\n}\n')
    node.start()
    harness.host.wait_for_answer(node.process, *node.address)
    assert mentions(node.log, "access: settings.json")
    node.stop()


@pytest.mark.parametrize(
    "section", ["acess", "Access", "ACCESS", "acces", "accesss", "aces", "axxess", "access ", "acecss", "accsses"]
)
def test_a_section_that_is_nearly_access_closes(start_node, section):
    node = start_node(BENCH, settings={section: {"tcp": "none"}}, ready=False)
    node.stop()
    answer = outcome(node)
    assert error_class(answer) == "ReadOnly"
    for text in (answer, node.log):
        assert re.search(rf"settings\.json .*{section!r}.*\baccess\b", text), text


def test_other_sections_that_nobody_knows_are_named(start_node):
    node = start_node(BENCH, settings={"gate": {}, "wfi": {"ssid": "x"}, "oldmodule": {"_p": 1}, "ntp": {}})
    assert mentions(node.log, "settings.json: 'wfi'", "settings.json: 'oldmodule'")
    assert "'gate'" not in node.log and "'ntp'" not in node.log
    with node.connect() as wire:
        assert wire.ask("change gate:target 1").startswith("changed ")


def test_a_key_that_is_there_twice_is_no_json(nodes):
    with nodes(BENCH).connect() as wire:
        for data in ('{"p": 5, "p": 6}', '{"p": 5, "\\u0070": 5}', '{"pair": {"x": 1, "x": 1}}'):
            assert error_class(wire.ask("change types:_struct " + data)) == "BadJSON"
        assert error_class(wire.ask('check types:_struct {"p": 5, "p": 6}')) in ("BadJSON", "NotCheckable")
