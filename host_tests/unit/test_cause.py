"""A loss of power is told from all else that starts a board: only then a heater may be resumed."""

from pathlib import Path

import pytest

from host_tests.properties.served import fixture

# the chip's name; the addresses of CHIP_RESET and SCRATCH0; bits of the former, by what happened (datasheets)
CHIPS = {
    "Raspberry Pi Pico with RP2040": (0x40064008, 0x4005800C, {"power": 1 << 8, "run": 1 << 16, "debug": 1 << 20}),
    "Raspberry Pi Pico 2 W with RP2350": (
        0x4010002C, 0x400D800C, {"power": 1 << 16, "brown-out": 1 << 17, "run": 1 << 18, "debug": 1 << 19},
    ),
}  # fmt: skip
POWER_ON, WATCHDOG = 1, 3


causes = fixture(Path(__file__).with_name("causes.py"))


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_that_says_why(causes, chip):
    register, scratch, bits = CHIPS[chip]
    expected = {"power": ["power on", True], "brown-out": ["power on", True], "run": ["button RUN", False]}
    for first in bits:
        for then in bits:
            found = causes.ask("starts", chip, register, scratch, [POWER_ON, bits[first], True], [POWER_ON, bits[then], True])
            assert found == [expected.get(what, ["reset", False]) for what in (first, then)]


@pytest.mark.parametrize("chip", CHIPS)
def test_a_soft_reset_and_the_watchdog_leave_the_mark(causes, chip):
    register, scratch, bits = CHIPS[chip]
    for first in bits.values():
        for number, words in ((POWER_ON, "soft reset"), (WATCHDOG, "watchdog or reset")):
            found = causes.ask("starts", chip, register, scratch, [POWER_ON, first, True], [number, first, False])
            assert found[1] == [words, False]


def test_what_other_chips_say_is_taken_as_it_is(causes):
    found = causes.ask("starts", "Generic ESP32 module with ESP32", 0, 4, [POWER_ON, 0, True], [7, 0, True])
    assert found == [["power on", True], ["reset cause 7", False]]
