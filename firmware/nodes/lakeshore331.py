"""A Lake Shore 331 by its serial port: two sensors, loop 1 with ramp, its heater. Wiring: docs/instruments.md.

Commands: its User's Manual, pages 6-32 to 6-38. At the controller: Interface, 9600 baud.
"""

from instruments.lakeshore import READING, Loop
from instruments.line import LineDevice
from instruments.tables import LineReadable, LineWritable
from secnode import VERSION
from secnode.datainfo import Enum
from secnode.module import Parameter
from secnode.node import Node

RANGES = {"off": 0, "low": 1, "medium": 2, "high": 3}


def node(board):
    device = LineDevice(board.uart(None, 9600, bits=7, parity=1), identify="*IDN?", identity="LSCI,MODEL331", pause=50)
    return Node(
        equipment_id="example_org.lakeshore331",
        description="a temperature controller Lake Shore 331",
        firmware="secnode " + VERSION,
        modules=(
            Loop(device, 1, "A", low=0, high=400, name="loop", description="loop 1, by the sensor at input A"),
            LineReadable(
                device, "KRDG? B", "%f", "K", state="RDGST? B", bits=READING, name="sample", description="sensor at input B"
            ),
            LineReadable(device, "HTR?", "%f", "%", name="heater_power", description="what the heater of loop 1 gets"),
            LineWritable(
                device, "RANGE?", "RANGE %d", form="%d", name="heater_range", description="range of the heater of loop 1",
                value=Parameter(Enum(RANGES), description="range that it has"),
                target=Parameter(Enum(RANGES), readonly=False, description="range to set; off switches the heater off"),
            ),
        ),
    )  # fmt: skip
