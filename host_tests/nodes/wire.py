"""Three thermometers on one wire, beside others on another."""

from drivers.ds18b20 import DS18B20
from modules.quantity import Quantity
from secnode.node import Node

CODES = "28ff4c1b901603a0", "280a2b3c4d5e6fad", "2811223344556656"


def node(board):
    wire = board.onewire("onewire0")
    return Node(
        equipment_id="example_org.wire",
        description="thermometers on a wire",
        modules=[
            Quantity(DS18B20(wire, code, bits=9).temperature, name="t%d" % i, description="one of them")
            for i, code in enumerate(CODES)
        ],
    )
