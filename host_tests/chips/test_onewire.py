"""1-Wire: what is no reading of a DS18B20, several on a wire, and that a wire keeps nobody waiting."""

import pytest

from host_tests import harness
from host_tests.chips.test_buses import failed, until, well
from host_tests.harness import mentions, split
from host_tests.properties.served import Refused
from tools.image import image
from tools.problem import Problem

NODE = harness.NODES / "wire.py"


def make(ours, **options):
    ours.ask("make", "DS18B20", "onewire", ["temperature"], [], options)


def test_a_ramp_through_85(ours):
    """The scratchpad begins with 85.0: that is no reading, a real one is."""
    make(ours)
    for sixteenths in range(85 * 16 - 4, 85 * 16 + 5):
        ours.ask("set", {"temperature": sixteenths / 16})
        assert ours.read() == [sixteenths / 16]


@pytest.mark.parametrize(
    "fault, kind, named",
    [
        ("reset", "CommunicationFailed", ("DS18B20", "onewire0", "reset")),  # 85.0 as the scratchpad has it then
        ("deaf", "CommunicationFailed", ("DS18B20", "onewire0", "measure")),  # 85.0 without a conversion
        ("parasite", "HardwareError", ("supply", "VDD")),
        ("crc", "CommunicationFailed", ("DS18B20", "onewire0", "CRC")),
        ("absent", "CommunicationFailed", ("DS18B20", "onewire0", "answer")),
    ],
)
def test_no_reading(ours, fault, kind, named):
    for broken_from_the_start in (True, False):
        make(ours)
        ours.ask("set", {"temperature": 85.0})
        if not broken_from_the_start and fault != "parasite":
            assert ours.read() == [85.0]
        ours.ask("fault", fault)
        with pytest.raises(Refused) as refused:
            ours.read()
        assert refused.value.kind == kind and mentions(str(refused.value), *named)
        ours.ask("fault", "none")
        assert ours.read() == [85.0]


def test_a_conversion_that_was_cut_off_is_no_reading(ours):
    """A chip that loses its supply for a moment, with what the EEPROM of a clone may have: bytes 5 to 7 say nothing."""
    make(ours)
    assert 15 < ours.read()[0] < 30
    ours.ask("fault", "absent")  # forgets all
    ours.ask("fault", "none")
    with pytest.raises(Refused) as refused:
        ours.read()  # its limits are those of the EEPROM
    assert refused.value.kind == "CommunicationFailed" and mentions(str(refused.value), "reset")
    assert 15 < ours.read()[0] < 30


@pytest.mark.parametrize("bits, step", [(9, 0.5), (10, 0.25), (11, 0.125), (12, 0.0625)])
def test_bits(ours, bits, step):
    make(ours, bits=bits)
    ours.ask("set", {"temperature": -10.03})
    assert abs(ours.read()[0] + 10.03) <= step and ours.read()[0] % step == 0


def test_a_stuck_wire(ours):
    """It pulls as a chip does that answers a reset, and reads as zeros, whose check byte is right."""
    make(ours)
    ours.read()
    ours.ask("fault", "stuck", "onewire0")
    with pytest.raises(Refused) as refused:
        ours.read()
    assert mentions(str(refused.value), "DS18B20", "onewire0", "low")
    ours.ask("fault", "none", "onewire0")
    assert 15 < ours.read()[0] < 30


def test_a_wrong_bit_is_read_once_more(ours):
    make(ours)
    ours.read()
    before = ours.ask("counts")
    ours.ask("fault", "crc")
    with pytest.raises(Refused):
        ours.read()
    transfers, retries, failures = ours.ask("counts")
    assert (transfers - before[0], retries - before[1], failures - before[2]) == (3, 1, 2)


def test_the_others_run_between_two_bytes(ours):
    make(ours)
    ours.read()
    assert ours.ask("gaps") == 2  # a reset and the byte after it: 1.6 ms


# ---- a node


def test_three_on_a_wire(start_node):
    node = start_node(NODE, console=True)
    with node.connect() as wire:
        wire.ask("activate")
        for name in ("t0", "t1", "t2"):
            _, _, data = split(wire.ask(f"read {name}:value"))
            assert data[0] == pytest.approx(20, abs=20), data
        node.type("fault onewire0:280a2b3c4d5e6fad absent")
        data = until(wire, "t1:value", failed)
        assert data[0] == "CommunicationFailed" and mentions(data[1], "DS18B20", "onewire0", "280a2b3c4d5e6fad")
        for name in ("t0", "t2"):
            assert split(wire.ask(f"read {name}:value"))[0] == "reply"
        node.type("fault none")
        until(wire, "t1:value", well)
        node.type("fault onewire0 stuck")
        # one that was cut off in the midst of a conversion may say so first
        until(wire, "t2:value", lambda action, data: failed(action, data) and mentions(data[1], "DS18B20", "onewire0", "low"))
        node.type("fault none")
        until(wire, "t2:value", well)
    assert "Traceback" not in node.log


_BEGIN = """
from drivers.ds18b20 import DS18B20
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    wire = board.onewire("onewire0")
    {}
    return Node("x", "x", (Quantity(DS18B20(wire, "28ff4c1b901603a0").temperature, name="m", description="m"),))
"""


@pytest.mark.parametrize(
    "line, named",
    [
        ('DS18B20(wire, "28ff4c1b901603a0")', ("onewire0", "28ff4c1b901603a0", "DS18B20")),
        ("DS18B20(wire)", ("onewire0", "ROM code")),
        ('DS18B20(wire, "28ff4c1b901603a1")', ("ROM code", "16 hexadecimal digits")),
        ('DS18B20(wire, "28ff")', ("ROM code", "16 hexadecimal digits")),
        ('DS18B20(wire, "0000000000000000")', ("ROM code", "16 hexadecimal digits")),
        ("DS18B20(wire, 28)", ("ROM code", "16 hexadecimal digits")),
        ('DS18B20(wire, "10112233445566b3")', ("ROM code", "DS18B20", "28")),
        ('DS18B20(wire, "2811223344556656", bits=8)', ("bits", "9 to 12")),
        ("board.pin_out(22)", ("GPIO22", "output", "{}:8", "onewire0")),
        ('board.onewire("onewire7")', ("'onewire7'", "ONEWIRE in its board.py: onewire0")),
    ],
)
def test_what_is_told_when_a_node_is_described(tmp_path, line, named):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.format(line))
    with pytest.raises(Problem) as problem:
        image.describe(str(path), "RPI_PICO")
    assert mentions(str(problem.value), *(name.format(path) for name in named))
