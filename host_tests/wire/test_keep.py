"""Values over a restart: what a client or the driver set is there again, after the same check as a client's value."""

import json
import re
import signal
import time

import pytest

from host_tests import harness
from tools.image import image

NODE = harness.NODES / "kept.py"


@pytest.fixture
def node(start_node):
    """host_tests/nodes/kept.py, 20 times faster: what changed is saved after half a second, once in three."""
    return start_node(NODE, speed=20)


def change(wire, *requests):
    for request in requests:
        assert wire.ask("change " + request).startswith("changed "), request


def restart(node, settings=None, kill=False):
    """Gives a client of the node after a restart, with other settings if they are given."""
    if kill:
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()
    else:
        assert node.stop() == 0
    if settings is not None:
        node.settings.write_text(settings if isinstance(settings, str) else json.dumps(settings))
    node.start()
    return node.connect()


def saved(node):
    return json.loads(node.settings.read_text())


def wait_for_save(node, seconds=10):
    """Until settings.json is another one."""
    before = node.settings.read_bytes() if node.settings.exists() else None
    deadline = time.monotonic() + seconds
    while not node.settings.exists() or node.settings.read_bytes() == before:
        assert time.monotonic() < deadline, "nothing was saved"
        time.sleep(0.02)


@pytest.mark.parametrize("number", ["0.96", "0.3", "64.1", "1e-07"])
def test_a_number_is_saved_in_the_digits_it_was_sent_in(node, number):
    """So that it does not wander from restart to restart."""
    with node.connect() as wire:
        change(wire, f"control:_p {number}")
    for _ in range(2):
        with restart(node) as wire:
            assert f'"_p": {number}' in node.settings.read_text()
            assert wire.ask("read control:_p").startswith(f"reply control:_p [{number}, ")


def test_the_description_says_nothing_of_it():
    assert "keep" not in image.describe(str(NODE))


KINDS = {
    "_scaled": 77, "_bool": True, "_enum": 5, "_blob": "AAEC", "_array": [0.1, -1e30], "_tuple": [3, "abc"],
    "_struct": {"p": 1.25, "i": 2.5},
}  # fmt: skip


def test_every_data_type(node):
    with node.connect() as wire:
        for name, kept in KINDS.items():
            change(wire, f"kinds:{name} {json.dumps(kept)}")
        change(wire, 'control:_name "\\u00e4\\u0001\\ud83d\\ude00"', "control:_forgotten 5", "control:_p 8")
    with restart(node) as wire:
        for name, kept in KINDS.items():
            assert harness.value(wire, "kinds:" + name) == kept
        assert harness.value(wire, "control:_name") == "ä\x01😀"
        assert harness.value(wire, "control:_forgotten") == 0
        assert harness.value(wire, "control:_p") == 8
    assert saved(node)["kinds"] == KINDS and "_forgotten" not in saved(node)["control"]
    assert "error" not in node.log


def test_without_a_change_there_is_no_file(node):
    assert node.stop() == 0
    assert not node.settings.exists()


def test_what_the_driver_sets_is_kept(node):
    with node.connect() as wire:
        assert wire.ask("do control:_tune").startswith("done")
    with restart(node) as wire:
        assert harness.value(wire, "control:_p") == 7.25


def test_limits_come_first_and_make_room_for_each_other(node):
    """400 is above the default of target_max, 450 above both defaults: in whatever order they lie in the file."""
    kept = {"target": 450, "target_min": 400, "target_max": 480}
    for names in (kept, reversed(kept)):
        with restart(node, {"control": {name: kept[name] for name in names}}) as wire:
            assert [harness.value(wire, "control:" + name) for name in kept] == list(kept.values())
        assert "error" not in node.log
    # the limits hold, for what is kept as well
    with restart(node, {"control": {"target": 300, "target_max": 290}}) as wire:
        assert harness.value(wire, "control:target_max") == 290
        assert re.search(r"\btarget, .*\b300\b", node.log)


@pytest.mark.parametrize(
    "module,name,kept,default",
    [
        ("control", "_p", 101, 5), ("control", "_p", "8", 5), ("control", "_p", True, 5), ("control", "_p", [8], 5),
        ("control", "target", 500.5, 300), ("control", "target", 351, 300), ("control", "_even", 3, 0),
        ("control", "_even", 2.5, 0), ("control", "_name", "x" * 21, ""), ("control", "_name", 5, ""),
        ("kinds", "_enum", 3, 0), ("kinds", "_blob", "AAE", ""), ("kinds", "_array", [1, 2, 3, 4], []),
        ("kinds", "_struct", {"p": 1, "d": 2}, {"p": 0, "i": 0}), ("kinds", "_tuple", [1], [0, ""]),
        ("control", "target_min", 360, 250), ("kinds", "_scaled", 2501, 0), ("kinds", "_bool", 1, False),
    ],
)  # fmt: skip
def test_what_does_not_fit_any_more_is_dropped(node, module, name, kept, default):
    settings = {module: {name: kept}, "wifi": {"ssid": "lab"}, "gone": {"x": 1}}
    with restart(node, settings) as wire:
        assert harness.value(wire, f"{module}:{name}") == default
        stranger, *line = [line for line in node.log.splitlines() if line.startswith("error")]
        assert "gone" in stranger  # whoever wrote it may have meant another one
        assert len(line) == 1 and f"error {module}: {name}, kept as" in line[0] and "is dropped" in line[0], node.log
    with restart(node) as wire:
        assert harness.value(wire, f"{module}:{name}") == default
        assert [line for line in node.log.splitlines() if "error" in line] == [stranger]
    # of what is not this node's nothing is lost
    assert saved(node) == {"wifi": {"ssid": "lab"}, "gone": {"x": 1}}


@pytest.mark.parametrize("name", ["_forgotten", "value", "status", "_tune", "pollinterval", "__init__", "nonesuch"])
def test_what_is_not_kept_is_not_taken(node, name):
    with restart(node, {"control": {name: 7}}) as wire:
        assert harness.value(wire, "control:_forgotten") == 0 and harness.value(wire, "control:value") == 0
        assert "error" not in node.log


def test_a_broken_file(node):
    with restart(node, '{"control": {"_p": 8') as wire:
        assert harness.value(wire, "control:_p") == 5
        assert node.settings.with_suffix(".bad").read_text() == '{"control": {"_p": 8'
        assert harness.mentions(node.log, "settings.json", "settings.bad")
        # nobody knows whom it kept out: until there is a good one nobody writes by the network
        assert harness.error_class(wire.ask("change control:_p 9")) == "ReadOnly"
    with restart(node, {}) as wire:
        change(wire, "control:_p 9")
    with restart(node) as wire:
        assert harness.value(wire, "control:_p") == 9
        assert "error" not in node.log


# ---- hardware that forgets


def test_the_hardware_gets_it_again(node):
    with node.connect() as wire:
        assert wire.ask("change register:_gain 7").startswith("changed register:_gain [6,")
    with restart(node) as wire:
        # before it is polled for the first time, else that would show 0
        assert harness.value(wire, "register:_gain") == 6
        assert harness.value(wire, "register:value") == 1
    assert saved(node) == {"register": {"_gain": 6}}


def test_what_is_read_is_not_kept(node):
    with node.connect() as wire:
        assert harness.value(wire, "register:_seen") > 0
    assert node.stop() == 0
    assert not node.settings.exists()


def test_hardware_that_does_not_take_it(node):
    with restart(node, {"register": {"_gain": 98}}) as wire:
        assert re.search("_gain .*: it burns", node.log)
        assert harness.value(wire, "register:_gain") == 0  # what the hardware says
        assert wire.ask("read register:value").startswith("reply")
    node.stop()
    assert saved(node) == {"register": {"_gain": 98}}  # the hardware may be mended


def test_hardware_that_hangs_delays_the_start_once(start_node):
    """Ten that do not answer take as long as one: within what the start may take at all (tools/emulator/host.py)."""
    kept = {f"mute{i}": {"_a": 3} for i in range(10)}
    node = start_node(harness.NODES / "forgetful.py", settings={**kept, "quick": {"_a": 3}})
    with node.connect() as wire:
        assert harness.value(wire, "quick:_a") == 2
        deadline = time.monotonic() + 20
        while node.log.count("_a was kept and can't be set: no answer within 6 s") < 10:
            assert time.monotonic() < deadline, node.log
            time.sleep(0.1)
        assert harness.error_class(wire.ask("read mute7:_a")) == "TimeoutError"
    node.stop()
    assert saved(node)["mute7"] == {"_a": 3}


# ---- no clean end


def test_killed_right_after_a_save(node):
    with node.connect() as wire:
        change(wire, "control:_p 8", "control:_even 4")
        wait_for_save(node)
    with restart(node, kill=True) as wire:
        assert harness.value(wire, "control:_p") == 8 and harness.value(wire, "control:_even") == 4
        assert "error" not in node.log


def test_killed_in_between(node):
    with node.connect() as wire:
        change(wire, "control:_p 8")
        wait_for_save(node)
        change(wire, "control:_p 9")
    with restart(node, kill=True) as wire:
        assert harness.value(wire, "control:_p") == 8


def test_killed_again_and_again_while_it_saves(node):
    """The old value or the new one, and never a broken file."""
    known = {5.0}
    for i in range(6):
        with node.connect() as wire:
            assert harness.value(wire, "control:_p") in known
            new = 10.0 + i
            known.add(new)
            change(wire, f"control:_p {new}")
            time.sleep(0.3 + i * 0.06)
        with restart(node, kill=True) as wire:
            assert "error" not in node.log


def test_two_processes_of_one_node_do_not_disturb_each_other(node, start_node):
    other = start_node(NODE, speed=20)
    assert other.folder == node.folder and other.settings != node.settings
    with node.connect() as wire:
        change(wire, "control:_p 8")
    with restart(node), restart(other) as wire:
        assert harness.value(wire, "control:_p") == 5
