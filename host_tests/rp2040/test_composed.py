"""The composed files of docs/compose.md, flashed onto the chip and driven there."""

import tomllib

import pytest

from host_tests.compose.files import documented
from host_tests.harness import error_class, mentions, value
from host_tests.instruments.meter import Meter


@pytest.fixture
def furnace(fresh, tmp_path):
    path = tmp_path / "furnace.toml"
    path.write_text(documented()["furnace.toml"], "utf-8")
    return fresh(path)


def test_the_furnace_heats_until_its_wall_switches_it_off(furnace, found):
    board = furnace.board
    with furnace.usb() as wire:
        board.until(lambda: value(wire, "interlock:status")[0] == 100, 20)
        assert value(wire, "sample") == pytest.approx(25, abs=1) and value(wire, "wall") == pytest.approx(25, abs=1)
        assert wire.ask("change heater:target 60").startswith("changed ")
        # no block is at this pin of the emulated chip, so it only tries to
        board.until(lambda: value(wire, "heater:status")[0] >= 300, 20)
        since = board.time
        board.fault("spi0:20 absent")
        board.until(lambda: value(wire, "interlock") == 1, 20)
        found("a wall's thermometer that is gone, until its interlock trips", board.time - since)
        assert mentions(value(wire, "interlock:status")[1], "wall:value", "MAX31856", "spi0", "pin 20")
        answer = wire.ask("change heater:target 60")
        [locked] = tomllib.loads(documented()["furnace.toml"])["interlocks"]
        assert error_class(answer) == "Impossible" and locked["text"] in answer
        assert value(wire, "heater:control_active") is False
        board.fault("none")
        board.until(lambda: wire.ask("do interlock:clear_errors").startswith("done "), 20)
        assert value(wire, "heater:status") == [100, "off"]
        assert wire.ask("change heater:target 60").startswith("changed ")


def test_the_humidity_cell_shares_its_flow(fresh, tmp_path):
    path = tmp_path / "cell.toml"
    path.write_text(documented()["cell.toml"], "utf-8")
    board = fresh(path)
    with board.usb() as wire:
        board.board.until(lambda: value(wire, "interlock:status")[0] == 100, 20)
        assert 0 < value(wire, "humidity") < 95
        assert value(wire, "mixture") == 0
        assert wire.ask("change mixture:target 25").startswith("changed ")
        assert value(wire, "mixture") == pytest.approx(25, abs=0.2)
        assert wire.ask("read dry_flow:value").startswith("reply ") and wire.ask("read wet_flow:value").startswith("reply ")
        assert error_class(wire.ask("change mixture:target 101")) == "RangeError"
        board.board.fault("SHT4x absent")
        board.board.until(lambda: value(wire, "interlock") == 1, 20)
        answer = wire.ask("change mixture:target 50")
        [locked] = tomllib.loads(documented()["cell.toml"])["interlocks"]
        assert error_class(answer) == "Impossible" and locked["text"] in answer
        board.board.fault("none")
        board.board.until(lambda: wire.ask("do interlock:clear_errors").startswith("done "), 20)
        assert wire.ask("change mixture:target 50").startswith("changed ")


def test_the_meter_is_asked_by_its_lines(fresh, tmp_path):
    """SECoP goes by USB, the meter hangs at UART 1."""
    path = tmp_path / "meter.toml"
    path.write_text(documented()["meter.toml"], "utf-8")
    meter = Meter()
    board = fresh(path, instrument=meter)
    try:
        with board.usb() as wire:
            assert value(wire, "voltage") == pytest.approx(12.345, rel=1e-6)
            assert wire.ask('change range:target "10 V"', 30).startswith("changed range:target [2,")
            assert meter.range == "2" and value(wire, "range") == 2
            meter.fault = "silent"
            board.board.until(lambda: error_class(wire.ask("read voltage:value", 30)) == "CommunicationFailed", 30)
            meter.fault = "none"
            board.board.until(lambda: wire.ask("read voltage:value", 30).startswith("reply "), 30)
    finally:
        meter.close()
