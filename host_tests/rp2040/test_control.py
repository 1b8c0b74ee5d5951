"""The loop closed on emulated hardware: what the ADC is fed, what is on the pin, the plant between them."""

import json

import pytest

from host_tests import harness


def test_what_the_adc_is_fed_is_what_the_client_reads(nodes):
    node = nodes("example_heater")
    with node.usb() as wire:
        assert harness.value(wire, "outside:value") == pytest.approx(23.2, abs=1.5)
        wire.ask("activate heater")
        for _ in range(3):
            wire.until("update heater:value")
        assert harness.value(wire, "heater:value") == pytest.approx(node.board.status()["sensor"], abs=0.5)
        wire.ask("deactivate heater")


def test_the_heater_regulates(nodes, found):
    node = nodes("example_heater")
    with node.usb() as wire:
        begin = node.board.time
        assert wire.ask("change heater:target 60").startswith("changed")
        wire.ask("activate heater")
        wire.until('update heater:status [[100, "at target"]', 180)
        found("from 25 to 60 °C, at target", (node.board.time - begin) / 1000, "s")
        wire.ask("deactivate heater")
        blocks = []
        for _ in range(20):
            node.board.sleep(1000)
            blocks.append(node.board.status()["block"])
        assert max(blocks) < 61 and min(blocks) > 59
        found("kept within, over 20 s", max(abs(block - 60) for block in blocks), "K")
        # what holds it, by the plant: 0.2 W/K of 100 W
        assert node.board.duty(5000) == pytest.approx(0.07, abs=0.03)
        wire.ask("do heater:stop")
        wire.ask("change heater:target 0")


@pytest.mark.parametrize("power", [50, 20, 0])
def test_the_limit_of_the_power_is_what_is_on_the_pin(nodes, power):
    node = nodes("example_heater")
    with node.usb() as wire:
        assert wire.ask(f"change heater:_maxheaterpower {power}").startswith("changed")
        assert wire.ask("change heater:target 120").startswith("changed")
        node.board.sleep(1000)
        assert node.board.duty(2000) == pytest.approx(power / 100, abs=0.01)
        wire.ask("change heater:target 0")
        wire.ask("change heater:_maxheaterpower 50")


@pytest.mark.parametrize(
    ("fault", "word"),
    [("sensor_open", "open"), ("sensor_short", "shorted")],
)
def test_a_broken_sensor_switches_it_off(nodes, found, fault, word):
    node = nodes("example_heater")
    board = node.board
    with node.usb() as wire:
        try:
            assert wire.ask("change heater:target 110").startswith("changed")
            board.until(lambda: board.duty(500) > 0.3, 60)
            board.fault(fault)
            low = board.low_after(board.time, 8000)
            found(fault.replace("_", " "), low)
            assert low < 6000
            status = harness.value(wire, "heater:status")
            assert status[0] == 400 and harness.mentions(status[1], "sensor", word), json.dumps(status)
        finally:
            board.fault("none")
            board.sleep(3000)
            wire.ask("do heater:clear_errors")
            wire.ask("change heater:target 0")
