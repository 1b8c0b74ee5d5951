"""Ten different chips on one board: all of them at each level, with the heap of a board; and one that fails stops no other.

On the emulated RP2040: host_tests/rp2040/test_chips.py.
"""

import math
import time

import pytest

from host_tests import harness
from host_tests.bench.measured import Node
from host_tests.harness import split

TEN = harness.NODES / "ten_chips.py"
VALUES = {
    "room": (24, 2), "humidity": (45, 0.1), "box": (24, 2), "pressure": (1013.25, 0.1), "power": (24, 0.1), "volts": (1, 0.001),
    "level": (2, 0.001), "platinum": (25, 0.2), "couple": (25, 0.2), "straight": (25, 0.3), "pipe": (24, 2),
}  # fmt: skip
ON_I2C = {"room", "humidity", "box", "pressure", "power", "volts", "level"}


def wrong(wire):
    """What is not what the models have: a dict of name -> value, or the text of the error."""
    found = {}
    for name, (value, tolerance) in VALUES.items():
        action, _, data = split(wire.ask(f"read {name}:value"))
        if action != "reply":
            found[name] = data[1]
        elif not math.isclose(data[0], value, abs_tol=tolerance):
            found[name] = data[0]
    return found


def drives(wire):
    assert wire.ask("change output:target 1.5").startswith("changed")
    return math.isclose(split(wire.ask("read output:value"))[2][0], 1.5, abs_tol=0.001)


def until(wire, wanted):
    deadline = time.monotonic() + 30
    while set(found := wrong(wire)) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def ten(level):
    process = harness.NodeProcess(level, TEN, console=True)
    yield process
    process.stop()
    assert "Traceback" not in process.log, process.log


def test_all_are_read_and_driven(ten):
    with ten.connect() as wire:
        until(wire, set())
        assert drives(wire)


@pytest.mark.parametrize(
    "fault, names",
    [
        ("i2c0 stuck", ON_I2C),
        ("spi0 stuck", {"platinum", "couple", "straight"}),
        ("onewire0 stuck", {"pipe"}),
        ("SHT4x absent", {"room", "humidity"}),
        ("SHT3x absent", {"box"}),
        ("BME280 absent", {"pressure"}),
        ("INA219 absent", {"power"}),
        ("ADS1115 absent", {"volts", "level"}),
        ("MAX31865 absent", {"platinum"}),
        ("MAX31856 absent", {"couple"}),
        ("MAX31855 absent", {"straight"}),
        ("DS18B20 absent", {"pipe"}),
    ],
)
def test_one_that_fails_stops_no_other_and_comes_back(ten, fault, names):
    with ten.connect() as wire:
        ten.type("fault " + fault)
        until(wire, names)
        ten.type("fault none")
        until(wire, set())


def test_a_chip_that_stretches_the_clock_is_read_as_any(ten):
    with ten.connect() as wire:
        ten.type("fault i2c0 stretched")
        time.sleep(1)
        until(wire, set())
        ten.type("fault none")


@pytest.mark.parametrize(("heap", "frozen"), [(192, False), (96, True)], ids=["board-like", "frozen"])
def test_a_boards_heap_is_enough(heap, frozen):
    """In KiB, with three clients that are told everything; the models are elsewhere."""
    harness.interpreter("frozen" if frozen else "board-like")
    with Node(TEN, heap, clients=3, frozen=frozen, chips=True) as node:
        wires = [node.connect() for _ in range(3)]
        for wire in wires:
            wire.ask("describe")
            wire.ask("activate")
        time.sleep(3)
        for wire in wires:
            assert wrong(wire) == {}
            assert drives(wire)
        assert "MemoryError" not in node.log and "Traceback" not in node.log
