"""`secnode report FILE`: the heaters of a user's own node, of TOML and of Python; and what it says of one that has none."""

import argparse
import re
from pathlib import Path

import pytest

from host_tests.compose.files import documented
from tools import paths
from tools.problem import Problem
from tools.proof import heaters, report
from tools.verbs import report as verb

NODES = paths.ROOT / "host_tests" / "nodes"


@pytest.fixture
def furnace(tmp_path):
    path = tmp_path / "furnace.toml"
    path.write_text(documented()["furnace.toml"], "utf-8")
    return str(path)


def only(monkeypatch, *names):
    """Have the report try these rows alone: a whole one takes a minute."""
    original = heaters.cells
    monkeypatch.setattr(heaters, "cells", lambda about: [cell for cell in original(about) if cell.name in names])


def test_the_rows_are_those_of_sensor_and_output(furnace):
    (heater,) = heaters.look(furnace)
    assert (heater["pin"], heater["chip"], heater["output"]) == (7, ["spi0", 17], "RelayHeater")
    assert heater["allowed"] == pytest.approx([5, 1100]) and heater["plant"]["full_power"] == 800
    rows = {cell.fault for cell in heaters.cells(heater)}
    assert {"chip_silent", "couple_open", "timer_dies", "heater_open", "transistor_short", "loop_hung"} <= rows
    assert not {"sensor_open", "sensor_stuck"} & rows
    (oven,) = heaters.look("oven")
    rows = {cell.fault for cell in heaters.cells(oven)}
    assert {"sensor_open", "sensor_short", "sensor_stuck"} <= rows and not {"chip_silent", "timer_dies"} & rows
    upper, lower = heaters.look(str(NODES / "outputs.py"))
    assert (upper["pin"], lower["pin"]) == (2, 3) and upper["adc"] != lower["adc"]


SUPPLY = """
board = "RPI_PICO_W"
equipment_id = "mylab_supply"
description = "an oven at a power supply"

[modules.sample]
driver = "divider"
pin = 26
curve = { driver = "beta", r25 = 10000, beta = 3950 }
series = 10000

[modules.oven]
driver = "oven"
sensor = "sample"
minimum = -10
maximum = 130

[modules.oven.output]
driver = "supply_heater"
resistance = 5.76
voltage = 24
enable = 7
output = { driver = "mcp4725", bus = "i2c0", scale = 3.03 }
"""


def test_a_power_supplys_plant_follows_its_voltage(tmp_path, monkeypatch):
    """Else its enable pin alone would be full power, and no temperature could be held."""
    path = tmp_path / "supply.toml"
    path.write_text(SUPPLY, "utf-8")
    only(monkeypatch, "oven-none-holding")
    (heater,) = heaters.look(str(path))
    assert "supply" in heater["said"]
    ((cell, seen),) = heaters.run(heater, str(path))
    for level in report.LEVELS:
        assert not heaters.judge(cell, seen[level]) and seen[level]["status"][1] == "at target"


def test_the_furnace_is_tried_by_its_own_plant_and_sensor(furnace, monkeypatch, capsys):
    only(
        monkeypatch,
        "heater-none-heating",
        "heater-chip_frozen-heating",
        "heater-timer_dies-heating",
        "heater-transistor_short-idle",
    )
    monkeypatch.setattr(verb.interlocks, "run", lambda node: {"cpython": []})
    assert verb.main(argparse.Namespace(file=furnace)) == 0
    said = capsys.readouterr().out
    assert "320 J/K" in said and "no interlocks" in said and "as expected" in said
    assert re.search(r"raw value, \d+, for \d+ s", said) and "timer" in said and "deviates" not in said
    assert (Path(furnace).with_suffix(".faults.md")).read_text("utf-8") in said


def test_the_second_heater_is_tried_at_its_own_pin(monkeypatch):
    only(monkeypatch, "lower-sensor_open-heating", "lower-transistor_short-idle")
    node = str(NODES / "outputs.py")
    lower = heaters.look(node)[1]
    for cell, seen in heaters.run(lower, node):
        for level in report.LEVELS:
            assert not heaters.judge(cell, seen[level]), (cell.name, seen[level])


WIDE = """
import {0} as original


def node(board):
    made = original.node(board)
    guard = made.modules[0].guard
    guard.max_error = 1e9
    guard.stuck_time = 1e9
    return made
"""


def test_a_guard_that_sees_nothing_deviates(tmp_path, monkeypatch):
    (tmp_path / "base.py").write_text((NODES / "platinum_heater.py").read_text("utf-8"), "utf-8")
    (tmp_path / "wide.py").write_text(WIDE.format("base"), "utf-8")
    only(monkeypatch, "heater-chip_frozen-heating")
    node = str(tmp_path / "wide.py")
    (heater,) = heaters.look(node)
    found = heaters.run({**heater, "stuck_time": 20}, node)
    assert "**deviates: " in heaters.table(found)


def test_a_node_with_nothing_to_try_says_so(tmp_path):
    path = tmp_path / "cell.toml"
    path.write_text(documented()["meter.toml"], "utf-8")
    with pytest.raises(Problem, match=rf"{path} .*heater.*interlock"):
        verb.own(str(path))
