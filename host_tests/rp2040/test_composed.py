"""A composed file, flashed onto the chip and driven there: the furnace of docs/compose.md, and its interlock."""

import pytest

from host_tests.compose.files import documented
from host_tests.harness import error_class, value


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
        assert "wall:value can't be had" in value(wire, "interlock:status")[1]
        answer = wire.ask("change heater:target 60")
        assert error_class(answer) == "Impossible" and "the tube's wall is too hot" in answer
        assert value(wire, "heater:control_active") is False
        board.fault("none")
        board.until(lambda: wire.ask("do interlock:clear_errors").startswith("done "), 20)
        assert value(wire, "heater:status") == [100, "off"]
        assert wire.ask("change heater:target 60").startswith("changed ")
