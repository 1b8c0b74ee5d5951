"""Off stays off, on the chip: a heater that resumes after a loss of power does so after that alone, and not once it was off."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed

RESUMING = Path(__file__).with_name("resuming.py")
_SAVED = 20  # s: by then flash has a target that was set
_WATCHED = 3000  # ms after a start
_MOMENTS = [0, 1, 10, 100, 2000, 15000]  # ms after the answer


@pytest.fixture(scope="module")
def image(level, tmp_path_factory):
    """A file with the flash of a board that has been heating when its power went."""
    node = flashed.Node(RESUMING)
    try:
        with node.usb() as wire:
            assert wire.ask("change heater:target 60").startswith("changed")
            node.board.sleep(1000 * _SAVED)
        path = tmp_path_factory.mktemp("flash") / "heating"
        node.board.off()
        node.board.keep(path)
        return path
    finally:
        node.stop()


@pytest.fixture
def heating(fresh, image):
    """A board that has resumed, and a client at its USB."""
    node = fresh(RESUMING, image)
    with node.usb() as wire:
        node.board.until(lambda: node.board.duty(50) > 0.3, 10)
        yield node, wire


def begin_again(node, wire, how):
    """Start by a method of the board: how long the pin was high in the first seconds, in ms, and why it says it started."""
    wire.close()
    if how == node.board.on:
        node.board.off()
        node.board.sleep(500)
    before = node.board.status()["high_time"]
    how()
    node.board.sleep(_WATCHED)
    high = node.board.status()["high_time"] - before
    with node.usb() as wire:
        said = harness.split(wire.ask("read heater:_started"))[2][0]
        status = harness.split(wire.ask("read heater:status"))[2][0]
    return high, said, status


def test_it_resumes_after_a_power_cut(heating):
    """So that the tests below have something to tell."""
    node, wire = heating
    high, said, status = begin_again(node, wire, node.board.on)
    assert high > 100 and said == "power on" and status[1] == "heating"


@pytest.mark.parametrize("ms", _MOMENTS)
def test_told_to_be_off_it_stays_off_after_a_power_cut(heating, ms):
    """The power goes right after the answer, or later: in the saving of something else, too."""
    node, wire = heating
    assert wire.ask("do heater:control_off").startswith("done")
    node.board.sleep(ms)
    high, said, status = begin_again(node, wire, node.board.on)
    assert (high, said, status) == (0, "power on", [100, "off"])
    assert node.board.levels()[2] == 0


@pytest.mark.parametrize("order", ["change heater:target 20", "change heater:_maxheaterpower 0", "do heater:_autotune 60"])
def test_told_to_heat_less_it_does_not_heat_more_after_a_power_cut(heating, order):
    node, wire = heating
    assert wire.ask(order).startswith(("changed", "done"))
    high, said, _ = begin_again(node, wire, node.board.on)
    assert (high, said) == (0, "power on")


@pytest.mark.parametrize("ms", [0, 50, 1000])
def test_after_a_trip_it_stays_off(heating, ms):
    """The sensor's wire breaks; the power goes as soon as that is told, or later, and the wire is mended meanwhile."""
    node, wire = heating
    wire.ask("activate heater")
    node.board.fault("sensor_open")
    wire.until('update heater:status [[400, "', 10)
    assert node.board.status()["high"] is False
    node.board.fault("none")
    node.board.sleep(ms)
    high, said, status = begin_again(node, wire, node.board.on)
    assert (high, said, status) == (0, "power on", [100, "off"])


@pytest.mark.parametrize(
    ("what", "says"), [("button", "button RUN"), ("soft_reset", "soft reset"), ("reset", "watchdog or reset")]
)
def test_after_another_reset_it_stays_off(heating, what, says):
    """The chip's registers CHIP_RESET and SCRATCH0 tell them from a loss of power; and once off it is off at the next one."""
    node, wire = heating
    if what == "button":
        reset = node.board.reset
    else:

        def reset():
            with node.usb() as wire:
                wire.send(f'do breaker:_break "{what}"')
                node.board.sleep(300)

    before = node.board.status()["starts"]
    wire.close()
    reset()
    node.board.sleep(_WATCHED)
    assert node.board.duty(500) == 0
    with node.usb() as wire:
        wire.begin()
        assert harness.split(wire.ask("read heater:_started"))[2][0] == says
        assert node.board.status()["starts"] == before + (what != "soft_reset")
        high, said, status = begin_again(node, wire, node.board.on)
    assert (high, said, status) == (0, "power on", [100, "off"])


def test_after_the_watchdog_it_stays_off(heating):
    node, wire = heating
    wire.send('do breaker:_break "hang"')
    node.board.until(lambda: node.board.status()["starts"] == 2, 20)
    node.board.sleep(_WATCHED)
    assert node.board.duty(500) == 0
    high, said, status = begin_again(node, wire, node.board.on)
    assert (high, said, status) == (0, "power on", [100, "off"])
