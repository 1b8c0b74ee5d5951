"""A Julabo FP50 at a serial port server: a bath's temperature, its pump, and the temperature outside."""

from instruments.line import LineDevice
from instruments.moving import LineDrivable
from instruments.tables import LineReadable, LineWritable
from instruments.tcp import Tcp
from secnode.node import Node


def node(board):
    bath = LineDevice(
        Tcp("192.168.0.12", 4001), identify="VERSION", identity="JULABO FP50", send_end=b"\r", end=b"\r\n", timeout=1000
    )
    return Node(
        "example_org.julabo",
        "a bath",
        modules=[
            LineDrivable(
                bath, "IN_PV_00", "OUT_SP_00 %.2f", "IN_SP_00", unit="°C", low=0, high=95, answer="", tolerance=0.5, settle=1,
                name="bath", description="temperature of the bath",
            ),
            LineWritable(
                bath, "IN_MODE_05", "OUT_MODE_05 %d", form="%d", low=0, high=1, answer="", name="pump", description="1 runs"
            ),
            LineReadable(bath, "IN_PV_01", unit="°C", name="outside", description="temperature at the sample"),
        ],
    )  # fmt: skip
