"""A value that nobody measured is none: host_tests/nodes/unset.py."""

import pytest

from host_tests import harness
from host_tests.harness import mentions, split

NODE = harness.NODES / "unset.py"
UNSET = ["ReadFailed", "never set"]


@pytest.fixture
def node(start_node):
    return start_node(NODE)


@pytest.fixture
def wire(node):
    with node.connect() as wire:
        yield wire


def read(wire, specifier):
    """Its value; or class and text of the error."""
    action, _, data = split(wire.ask("read " + specifier))
    return data[0] if action == "reply" else data[:2]


def test_at_the_start(wire):
    assert read(wire, "never:_fixed") == UNSET
    for module in ("never", "later", "follows", "written", "own", "drives"):
        assert read(wire, module + ":value") == UNSET, module
    kind, text = read(wire, "nothing:value")
    assert kind == "ReadFailed" and mentions(text, "read_value")
    assert read(wire, "nothing:status")[0] == 400
    assert read(wire, "never:status") == [100, ""]
    # what a client may set begins somewhere, and so does what the author gives
    assert [read(wire, "never:" + name) for name in ("_given", "_open")] == [4, 1]
    assert read(wire, "follows:target") == 0 and read(wire, "early:value") == 3


def test_updates_say_so_too(wire):
    wire.send("activate")
    line, before = wire.until("active")
    unset = {line.split(" ")[1] for line in before if '"never set"' in line}
    assert unset == {f"{m}:value" for m in ("never", "later", "follows", "written", "own", "drives")} | {"never:_fixed"}
    assert all(line.startswith("error_update ") for line in before if '"never set"' in line)
    # the value that it would have had anyway is news
    wire.send("do later:_go")
    line, before = wire.until("done later:_go")
    assert [line.rsplit(" [", 1)[0] for line in before if "later:" in line] == ["update later:value"]
    assert read(wire, "later:value") == 0


def test_a_writable_follows_its_target(node, wire):
    wire.ask("activate")
    for specifier, value in (("follows", 3), ("written", 4), ("own", 6)):
        wire.send(f"change {specifier}:target {3 if specifier != 'written' else 5}")
        line, before = wire.until("changed ")
        updates = [line.split(" ")[1] for line in before if f" {specifier}:" in line]
        assert sorted(updates) == [specifier + ":target", specifier + ":value"], before
        assert read(wire, specifier + ":value") == value
    # and again; a driver that has set it once is not overruled
    wire.ask("change follows:target 0")
    wire.ask("change own:target 9")
    assert read(wire, "follows:value") == 0 and read(wire, "own:value") == 0
    wire.ask("change drives:target 3")
    assert read(wire, "drives:value") == UNSET
    # kept targets as well
    assert node.stop() == 0
    node.start()
    with node.connect() as again:
        assert [read(again, f"{name}:value") for name in ("follows", "written", "own")] == [0, 4, 0]
