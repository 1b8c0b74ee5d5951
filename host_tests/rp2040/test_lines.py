"""SECoP on the board's two lines, and mpremote beside it."""

from host_tests import harness
from host_tests.rp2040 import flashed


def test_both_lines_serve_at_once(nodes):
    node = nodes("example_heater")
    with node.usb() as usb, node.uart() as uart:
        assert usb.ask("describe") == uart.ask("describe")
        assert harness.split(usb.ask("read outside:value"))[:2] == ("reply", "outside:value")
        uart.ask("activate")
        usb.ask("change heater:target_limits [0, 100]")
        uart.until("update heater:target_limits [[0.0, 100.0]")


def test_a_long_answer_at_115200_baud_is_whole(nodes):
    """No byte of many is lost: neither in the FIFO nor in what was written ahead."""
    node = nodes("example_heater")
    with node.uart() as uart:
        first = uart.ask("describe")
        for _ in range(5):
            assert uart.ask("describe") == first
    assert node.board.status()["uart_lost"] == 0


def test_mpremote_takes_the_console_and_gives_it_back(fresh):
    node = fresh()
    with node.usb() as wire:
        wire.ask("ping 1")
    assert flashed.mpremote(node.board, "exec", "print(6 * 7)").strip() == "42"
    flashed.mpremote(node.board, "reset")
    node.wait()
    with node.usb() as wire:
        assert wire.ask("ping 2").startswith("pong 2 ")
