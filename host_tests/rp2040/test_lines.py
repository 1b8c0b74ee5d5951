"""SECoP on the board's two lines, and mpremote beside it."""

from host_tests import harness
from host_tests.rp2040 import flashed


def test_from_power_on_to_the_first_answer(fresh, found):
    """A fresh board has been waited for until it answered."""
    node = fresh()
    found("from power on to the first answer, example_heater", node.board.time, "ms")
    with node.usb() as usb:
        assert harness.split(usb.ask("read outside:value"))[:2] == ("reply", "outside:value")


def test_both_lines_serve_at_once(nodes):
    node = nodes("example_heater")
    with node.usb() as usb, node.uart() as uart:
        assert usb.ask("describe") == uart.ask("describe")
        assert harness.split(usb.ask("read outside:value"))[:2] == ("reply", "outside:value")
        uart.ask("activate")
        usb.ask("change heater:target_limits [0, 100]")
        uart.until("update heater:target_limits [[0.0, 100.0]")
        usb.ask("change heater:target_limits [0, 120]")


def test_long_answers_at_115200_baud_are_whole(nodes):
    """No byte of many is lost: neither in the FIFO nor in what was written ahead."""
    node = nodes("example_heater")
    with node.uart() as uart:
        first = uart.ask("describe")
        for _ in range(5):
            assert uart.ask("describe") == first
    assert node.board.status()["uart_lost"] == 0


def test_mpremote_takes_the_console_while_the_uart_is_served(fresh):
    """With the console, mpremote takes the board; afterwards both lines are there again."""
    node = fresh()
    with node.usb() as usb, node.uart() as uart:
        assert usb.ask("ping 1").startswith("pong 1 ")
        assert uart.ask("ping 2").startswith("pong 2 ")
    assert flashed.mpremote(node.board, "exec", "print(6 * 7)").strip() == "42"
    assert "main.py" in flashed.mpremote(node.board, "fs", "ls")
    flashed.mpremote(node.board, "reset")
    node.board.until(lambda: node.board.status()["starts"] == 2, 10)
    with node.usb() as usb, node.uart() as uart:
        assert usb.ask("ping 3").startswith("pong 3 ")
        assert uart.ask("ping 4").startswith("pong 4 ")


def test_after_ctrl_c_the_node_comes_back_by_itself(fresh):
    node = fresh("outside")
    with node.usb() as usb:
        usb.socket.sendall(b"\x03")
        usb.socket.expect(b"Enter: the REPL", 30)
        node.board.until(lambda: node.board.status()["starts"] == 2, 30)
    with node.usb() as usb:
        assert usb.ask("ping 1").startswith("pong 1 ")
