"""A Lake Shore 336 by its Ethernet, TCP port 7777: four sensors, loop 1 with ramp, its heater. docs/instruments.md.

Commands: its User's Manual, P/N 119-048, chapter 6. Its address is set at the instrument: Interface, Ethernet, no DHCP.
"""

from instruments.lakeshore import READING, Loop
from instruments.line import LineDevice
from instruments.tables import LineReadable, LineWritable
from instruments.tcp import Tcp
from secnode import VERSION
from secnode.datainfo import Enum
from secnode.module import Parameter
from secnode.node import Node

ADDRESS = "192.168.0.12"
RANGES = {"off": 0, "low": 1, "medium": 2, "high": 3}


def node(board):
    device = LineDevice(Tcp(ADDRESS, 7777), identify="*IDN?", identity="LSCI,MODEL336", pause=50)
    return Node(
        equipment_id="example_org.lakeshore336",
        description="a temperature controller Lake Shore 336",
        firmware="secnode " + VERSION,
        modules=(
            Loop(device, 1, "A", low=0, high=400, name="loop", description="loop 1, by the sensor at input A"),
            LineReadable(device, "KRDG? B", unit="K", state="RDGST? B", bits=READING, name="sample", description="sensor at B"),
            LineReadable(device, "KRDG? C", unit="K", state="RDGST? C", bits=READING, name="shield", description="sensor at C"),
            LineReadable(device, "KRDG? D", unit="K", state="RDGST? D", bits=READING, name="plate", description="sensor at D"),
            LineReadable(device, "HTR? 1", "%f", "%", name="heater_power", description="what the heater of loop 1 gets"),
            LineWritable(
                device, "RANGE? 1", "RANGE 1,%d", form="%d", name="heater_range", description="range of the heater of loop 1",
                value=Parameter(Enum(RANGES), description="range that it has"),
                target=Parameter(Enum(RANGES), readonly=False, description="range to set; off switches the heater off"),
            ),
        ),
    )  # fmt: skip
