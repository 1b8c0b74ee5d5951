"""On the chip: two heaters, a relay that is off at 1 and a valve are off before anything else, and whatever ends the node."""

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed

NODE = harness.NODES / "outputs.py"
HEATERS, RELAY, VALVE = (2, 3), 9, 10


def are_off(board):
    levels = board.levels()
    return [levels[pin] for pin in (*HEATERS, RELAY, VALVE)] == [0, 0, 1, 0]


@pytest.fixture
def on(fresh):
    """A board on which all is on, and a client at its USB."""
    node = fresh(NODE)
    with node.usb() as wire:
        assert are_off(node.board)
        for line in ("upper:target 110", "lower:target 55", "relay:target true", "valve:target true"):
            assert wire.ask(f"change {line}").startswith("changed"), line
        seen = set()

        def all_on():
            levels = node.board.levels()
            seen.update(pin for pin in HEATERS if levels[pin])
            return seen == set(HEATERS)

        node.board.until(all_on, 10, step=3)
        assert [node.board.levels()[pin] for pin in (RELAY, VALVE)] == [0, 1]
        yield node, wire


def stays_off(board, ms):
    for _ in range(ms // 20):
        board.sleep(20)
        assert are_off(board), board.levels()


def test_ctrl_c_and_a_soft_reset(on):
    """At the REPL, through the soft reset, and in the node that starts again."""
    node, wire = on
    wire.socket.sendall(b"\x03")
    wire.socket.expect(b"Enter: the REPL", 30)
    assert are_off(node.board)
    wire.socket.sendall(b"\r\x04")
    wire.socket.expect(b"soft reboot", 30)
    stays_off(node.board, 1000)
    wire.begin()
    assert wire.ask("read upper:status").startswith("reply")
    stays_off(node.board, 1000)


@pytest.mark.parametrize("ms", [1, 6, 12, 16, 20, 24, 30, 40])
def test_a_second_ctrl_c(on, found, ms):
    """Some ms after the first, before and while that waits for the PWM: both heaters are low two periods later at most."""
    node, wire = on
    begin = node.board.time
    wire.socket.sendall(b"\x03")
    node.board.sleep(ms)
    wire.socket.sendall(b"\x03")
    last = {}
    while node.board.time < begin + 200:
        node.board.sleep(0.5)
        levels = node.board.levels()
        last.update({pin: node.board.time - begin for pin in HEATERS if levels[pin]})
    found(f"a second Ctrl-C {ms} ms after the first: the later one of two heaters", max(last.values(), default=0))
    assert max(last.values(), default=0) < ms + 25  # two periods of the PWM and a collection of the heap
    wire.socket.expect(b"Enter: the REPL", 30)
    assert are_off(node.board)
    stays_off(node.board, 500)


def test_what_was_left_on_is_off_after_a_soft_reset(fresh):
    """By hand at the REPL, past the node: PWM at GP10, too, which a soft reset leaves running."""
    node = fresh(NODE)
    code = "from machine import Pin, PWM; [PWM(Pin(p), freq=100, duty_u16=65535) for p in (3, 10)]; Pin(9, Pin.OUT, value=0)"
    flashed.mpremote(node.board, "exec", code)
    node.board.sleep(50)
    assert [node.board.levels()[pin] for pin in (3, 10, 9)] == [1, 1, 0]
    flashed.mpremote(node.board, "soft-reset")
    node.board.sleep(1000)
    stays_off(node.board, 500)


def test_before_an_update_both_nodes_outputs_are_off(fresh):
    """Another node, that drives nothing: what the first one drove is off while it is put there and afterwards."""
    node = fresh(NODE)
    with node.usb() as wire:
        assert wire.ask("change relay:target true").startswith("changed")
        assert wire.ask("change valve:target true").startswith("changed")
    flashed.put(node.board, flashed.contents("outside"))
    stays_off(node.board, 500)
