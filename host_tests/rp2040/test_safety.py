"""Whatever ends or breaks the firmware at full power: the heater's pin is low, and in how many ms of the chip's time."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed

BREAKING = Path(__file__).with_name("breaking.py")


@pytest.fixture
def hot(fresh):
    """A board whose heater has full power, and a client at its USB."""
    node = fresh(BREAKING)
    with node.usb() as wire:
        assert wire.ask("change heater:target 110").startswith("changed")
        node.board.until(lambda: node.board.duty(200) > 0.99, 10)
        yield node, wire


def measure(node, ms, action, name, found):
    """Do something at full power; gives for how many ms the pin was high after that, looked at for `ms`."""
    assert node.board.status()["high"]
    begin = node.board.time
    action()
    low = node.board.low_after(begin, ms)
    found(name, low)
    return low


def test_ctrl_c(hot, found):
    node, wire = hot
    assert measure(node, 1500, lambda: wire.socket.sendall(b"\x03"), "Ctrl-C", found) < 500


def test_ctrl_c_and_ctrl_d(hot, found):
    """As a person does it at a terminal: off at the first, and the node starts again with the heater off."""
    node, wire = hot

    def type_both():
        wire.socket.sendall(b"\x03")
        wire.socket.expect(b"Enter: the REPL", 30)
        wire.socket.sendall(b"\r\x04")
        wire.socket.expect(b"soft reboot", 30)

    assert measure(node, 1500, type_both, "Ctrl-C and Ctrl-D", found) < 500
    wire.begin()
    assert harness.split(wire.ask("read heater:status"))[2][0][0] == 100
    assert node.board.duty(3000) == 0
    assert node.board.status()["starts"] == 1


def test_mpremote_comes(hot, found):
    """Ctrl-C, and a soft reset at once, as it does before nearly everything."""
    node, wire = hot
    wire.close()
    low = measure(node, 6000, lambda: flashed.mpremote(node.board, "exec", "pass"), "mpremote", found)
    assert low < 3000
    assert node.board.status()["starts"] == 1


def test_soft_reset(hot, found):
    node, wire = hot
    assert measure(node, 1500, lambda: wire.send('do breaker:_break "soft_reset"'), "machine.soft_reset()", found) < 500


def test_reset_by_software(hot, found):
    node, wire = hot
    assert measure(node, 1500, lambda: wire.send('do breaker:_break "reset"'), "machine.reset()", found) < 200
    assert node.board.status()["starts"] == 2


def test_reset_by_the_button(hot, found):
    """Nothing drives the pin then; it has the chip's weak pull-down, and stays low through the start that follows."""
    node, wire = hot
    assert measure(node, 3000, node.board.reset, "button RUN", found) < 50
    assert node.board.status()["starts"] == 2


def test_an_exception_in_the_control(hot, found):
    node, wire = hot
    low = measure(node, 4000, lambda: wire.ask('do breaker:_break "control"'), "exception in the control", found)
    assert low < 2500


def test_an_exception_in_the_guard(hot, found):
    node, wire = hot
    low = measure(node, 4000, lambda: wire.ask('do breaker:_break "guard"'), "exception in the guard", found)
    assert low < 1500
    assert harness.split(wire.ask("read heater:status"))[2][0][0] == 400


def test_a_loop_that_hangs(hot, found):
    """The dead man cuts it, and the watchdog resets the board."""
    node, wire = hot
    low = measure(node, 3000, lambda: wire.send('do breaker:_break "hang"'), "`while True: pass`", found)
    assert low < 2500
    begin = node.board.time
    node.board.until(lambda: node.board.status()["starts"] == 2, 12)
    found("`while True: pass`: reset by the watchdog", node.board.time - begin + 3000)


def test_a_loop_that_hangs_with_interrupts_off(hot, found):
    """Nothing but the watchdog is left then."""
    node, wire = hot
    low = measure(node, 11000, lambda: wire.send('do breaker:_break "hang_deaf"'), "the same, interrupts off", found)
    assert 1000 < low < 9000
    assert node.board.status()["starts"] == 2


def test_no_memory(hot):
    """A driver that eats the heap is told so; the heater is controlled on, or off."""
    node, wire = hot
    assert wire.ask('do breaker:_break "memory"').startswith("error_do")
    node.board.sleep(2000)
    assert wire.ask("ping 1").startswith("pong 1")


def test_by_hand_in_the_repl(fresh, found):
    """A PWM that somebody left running at the REPL ends at the next soft reset: boot.py."""
    node = fresh("outside")
    pin = "from machine import Pin, PWM; import board; p = PWM(Pin(board.HEATER_PIN), freq=100, duty_u16=65535)"
    flashed.mpremote(node.board, "exec", pin)
    node.board.sleep(50)
    assert node.board.duty() > 0.99
    low = measure(node, 4000, lambda: flashed.mpremote(node.board, "soft-reset"), "soft reset, PWM left on at the REPL", found)
    assert low < 3500


def test_a_power_cut(hot):
    node, wire = hot
    node.board.off()
    high = node.board.status()["high_time"]
    node.board.sleep(1000)
    node.board.on()
    node.board.sleep(5000)
    assert node.board.status()["high_time"] == high
