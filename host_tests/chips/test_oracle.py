"""Each driver gives what somebody else's gives, over the same model of the chip, at 20 points; and it sees the same faults.

Where both disagree with the model the datasheet decides. `within` of a quantity is the larger of one LSB and what the other
driver's own approximation is off by, which its comment names.
"""

import re

import pytest

from host_tests.chips.conftest import Refused
from host_tests.properties.served import Refused as OursRefused
from tools import paths

POINTS = 20


class Case:
    """A chip: how ours and the oracle are made, and for each quantity where it lies and how near both have to come."""

    def __init__(self, chip, bus, reads, ranges, within, arguments=(), keywords=None, oracle=None, faults=(), truth=()):
        self.chip = chip
        self.bus = bus
        self.reads = reads
        self.ranges = ranges  # quantity of the model -> (lowest, highest)
        self.within = within  # of each that is read
        self.arguments = arguments
        self.keywords = keywords or {}
        self.oracle = oracle or {}
        self.faults = faults
        self.truth = truth  # the model's quantity that each is, where it is one

    def make(self, ours):
        ours.ask("make", self.chip, self.bus, self.reads, self.arguments, self.keywords)
        ours.ask("wait", 1000)  # what converts by itself has done so


_FLOAT = 1.2e-7  # single precision, as a share of the value


SHT_RANGES = {"temperature": (-40, 125), "humidity": (1, 99)}
ADS_READS = [["channel", [0]], ["channel", [1, None, 2.048]], ["channel", [2, 3, 0.512]], ["channel", [3]]]
ADS_RANGES = {"a0": (0, 4.09), "a1": (0, 2.04), "a2": (1.1, 1.9), "a3": (1.5, 1.6)}
ADS_ORACLE = {"channels": [[0], [1], [2, 3], [3]], "gains": [1, 2, 8, 1]}
ADS_SPANS = (4.096, 2.048, 0.512, 4.096)
# of a MAX31855: type, range, and what 0.25 K of its straight line are where the thermocouple gives least
COUPLES = (
    ("J", (-100, 1190), 0.4), ("N", (-100, 1290), 0.5), ("T", (-100, 395), 0.5), ("S", (25, 1755), 0.5), ("R", (25, 1755), 0.6),
    ("E", (-100, 990), 0.5),
)  # fmt: skip
CASES = [
    Case(
        "SHT4x", "i2c", ["temperature", "humidity"], SHT_RANGES, [175 / 65535, 125 / 65535], oracle={"address": 0x44},
        truth=("temperature", "humidity"), faults=("absent", "crc"),
    ),
    Case(
        "SHT3x", "i2c", ["temperature", "humidity"], SHT_RANGES, [175 / 65535, 100 / 65535], oracle={"address": 0x44},
        truth=("temperature", "humidity"), faults=("absent", "crc"),
    ),
    Case(
        "ADS1115", "i2c", ADS_READS, ADS_RANGES, [span / 32768 for span in ADS_SPANS], oracle=ADS_ORACLE, faults=("absent",),
    ),
    Case(
        "ADS1015", "i2c", ADS_READS, ADS_RANGES, [span / 2048 for span in ADS_SPANS], oracle=ADS_ORACLE, faults=("absent",),
    ),
    # below 0 degC Adafruit's has a polynomial of the fifth degree, up to 0.05 K off; a step is 0.034 K
    Case(
        "MAX31865", "spi", ["."], {"hot": (-199, 845)}, [0.05], arguments=[17], oracle={"wires": 2, "ref_resistor": 430.0},
        faults=("open", "short", "voltage"), truth=("hot",),
    ),
    # by less than 5 K from one point to the next: more is taken for a fault
    Case(
        "MAX31856", "spi", [".", "cold_junction"], {"hot": (-190, 1360), "cold_junction": (-10, 80)}, [1 / 128, 1 / 64],
        arguments=[17], keywords={"kind": "K"}, oracle={"kind": "K"}, faults=("open", "voltage"),
        truth=("hot", "cold_junction"),
    ),
    # a step of 0.25 K on the chip's straight line is 0.35 K of a thermocouple at -100 degC
    Case(
        "MAX31855", "spi", [".", "cold_junction"], {"hot": (-100, 1345), "cold_junction": (-20, 80)}, [0.35, 1 / 16],
        arguments=[17], faults=("open", "ground", "supply"), truth=("hot", "cold_junction"),
    ),
    *[
        Case(
            "MAX31855", "spi", [".", "cold_junction"], {"hot": span, "cold_junction": (-20, 80)}, [within, 1 / 16],
            arguments=[17], keywords={"couple": kind}, oracle={"kind": kind}, truth=("hot", "cold_junction"),
        )
        for kind, span, within in COUPLES
    ],
    # Adafruit's reads the chip's power register: steps of 2 mW, cut off, and no sign
    Case(
        "INA219", "i2c", ["voltage", "current", "power"], {"voltage": (0, 26), "current": (0, 3.1)}, [0.004, 1e-4, 0.004],
        faults=("absent",),
    ),
    # by the chip's current register: steps of 0.1 mA; by its power register: 2.5 mW, cut off
    Case(
        "INA226", "i2c", ["voltage", "current", "power"], {"voltage": (0, 36), "current": (0, 0.8)}, [0.00125, 1e-4, 0.006],
        faults=("absent", "other"),
    ),
    # single precision has 0.008 Pa a step at 100 kPa; Adafruit's cuts off 1/5120 K
    Case(
        "BME280", "i2c", ["temperature", "humidity", "pressure"],
        {"temperature": (-39, 84), "humidity": (2, 98), "pressure": (310, 1090)}, [0.01, 0.02, 0.005],
        truth=("temperature", "humidity", "pressure"), faults=("absent",),
    ),
    Case(
        "DS18B20", "onewire", ["temperature"], {"temperature": (-54, 124)}, [0.0625], truth=("temperature",),
        faults=("absent", "crc"),
    ),
    Case("MCP4725", "i2c", ["."], {"code": (0, 0)}, [0.0001], faults=("absent",)),
]  # fmt: skip
every_chip = pytest.mark.parametrize("case", CASES, ids=lambda case: case.chip + case.keywords.get("couple", ""))


def point(case, i):
    return {name: low + (high - low) * i / (POINTS - 1) for name, (low, high) in case.ranges.items()}


@every_chip
def test_it_reads_what_the_other_driver_reads(case, ours, oracle):
    case.make(ours)
    oracle.ask("make", case.chip, **case.oracle)
    for i in range(POINTS):
        for side in (ours, oracle):
            side.ask("set", point(case, i))
            side.ask("wait", 1000)
        found, expected = ours.read(), oracle.ask("read")
        for what, mine, theirs, within in zip(case.reads, found, expected, case.within, strict=True):
            assert abs(mine - theirs) <= within + _FLOAT * max(abs(theirs), 200), (i, what, mine, theirs)
        if case.truth:
            for what, mine, within in zip(case.truth, found, case.within, strict=True):
                assert abs(mine - point(case, i)[what]) <= within + _FLOAT * 1400, (i, what, mine)


@every_chip
def test_it_sees_the_faults_that_the_other_driver_sees(case, ours, oracle):
    for fault in case.faults:
        case.make(ours)
        oracle.ask("make", case.chip, **case.oracle)
        ours.read()
        for side in (ours, oracle):
            side.ask("set", point(case, 5))
            side.ask("fault", fault)
            side.ask("wait", 1000)
        with pytest.raises(Refused):
            oracle.ask("read")
        with pytest.raises(OursRefused) as refused:
            ours.read()
        assert refused.value.kind in ("CommunicationFailed", "HardwareError"), fault
        if refused.value.kind == "CommunicationFailed":
            assert case.chip in str(refused.value) and case.bus + "0" in str(refused.value)


@every_chip
def test_it_comes_back_by_itself(case, ours):
    case.make(ours)
    before = ours.read()
    ours.ask("fault", "absent")
    ours.ask("wait", 1000)
    with pytest.raises(OursRefused):
        ours.read()
    ours.ask("fault", "none")
    for _ in range(2):  # what converts by itself has nothing at once
        ours.ask("wait", 1000)
        try:
            found = ours.read()
        except OursRefused as e:
            found = e
    assert found == pytest.approx(before, abs=0.5)


@every_chip
def test_it_may_be_missing_at_the_start(case, ours):
    case.make(ours)
    ours.ask("fault", "absent")
    for _ in range(2):
        with pytest.raises(OursRefused):
            ours.read()


@every_chip
def test_what_a_reading_costs(case, ours, level):
    """Nothing is kept, and in between it takes no more than the driver declares; docs/sensors.md has it."""
    if level != "board-like":
        pytest.skip("a board's bytes")
    case.make(ours)
    between, kept = ours.ask("cost")
    print(case.chip, between)
    assert kept < 100  # of a hundred: what the collector takes for an address on the stack may stay
    declared = re.search(r"    memory: (\d+) B\n", (paths.FIRMWARE / "drivers" / f"{case.chip.lower()}.py").read_text("utf-8"))
    assert 0 < between <= int(declared[1]) <= (1536 if case.chip == "BME280" else 512)
