"""An instrument at UART 1 by tables alone: see host_tests/instruments/test_tables.py, which has the other end."""

from instruments.communicator import LineCommunicator
from instruments.line import LineDevice
from instruments.moving import LineDrivable
from instruments.tables import LineReadable, LineWritable
from secnode.datainfo import Enum
from secnode.module import Parameter
from secnode.node import Node

GAUGE = {
    1: ("WARN", "below its range"),
    2: ("OutOfRange", "above its range"),
    5: "no sensor",
    "OFF": ("Disabled", "switched off"),
}
STATE = {16: ("OutOfRange", "below the curve"), 32: ("OutOfRange", "above the curve"), 4: ("WARN", "old reading")}


def node(board):
    device = LineDevice(board.uart("uart1", 115200), "*IDN?", "ACME,1", timeout=250)
    modules = (
        LineReadable(device, "PR1", "%c,%f", "Pa", scale=100, errors=GAUGE, name="gauge", description="a pressure"),
        LineReadable(device, "TEMP?", "%7f", "K", state="STATE?", bits=STATE, agree=0.5, name="sensor", description="a sensor"),
        LineReadable(device, "NAME?", "%s", name="label", description="a text"),
        LineWritable(device, "VOLT?", "VOLT %.2f", unit="V", low=0, high=30, name="volt", description="a voltage"),
        LineWritable(
            device, "OUT?", "OUT %d", form="%d", answer="OK",
            value=Parameter(Enum(off=0, on=1), description="whether it is on"),
            target=Parameter(Enum(off=0, on=1), readonly=False, description="switch it"), name="out", description="a switch",
        ),
        LineDrivable(
            device, "POS?", "GO %.3f", "GOAL?", unit="mm", low=0, high=50, tolerance=0.1, settle=0.4, patience=2,
            name="stage", description="arrives by its value", pollinterval=0.1,
        ),
        LineDrivable(
            device, "POS?", "GO %.3f", "GOAL?", unit="mm", low=0, high=50, moving="MOVING?", moving_bits=1, stop="HALT",
            name="other", description="arrives by a bit", pollinterval=0.1,
        ),
    )  # fmt: skip
    modules += (
        LineCommunicator(device, name="io", description="lines of one's own"),
        LineCommunicator(device, beside_settings=True, name="expert", description="and what they may"),
    )
    return Node("example_org.tables", "an instrument by tables", modules=modules)
