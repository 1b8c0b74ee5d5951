"""The node of SECoP's overview: a single thermometer outside."""

from drivers.curves import Beta
from drivers.divider import Divider
from modules.thermometer import Thermometer
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    return Node(
        equipment_id="introduction_node",
        description="a basic example",
        modules=(
            Thermometer(
                Divider(board.adc(board.OUTSIDE_ADC), Beta(10000, 3950), **board.DIVIDER),
                name="outside",
                value=Parameter(Double(unit="C"), description="temperature outside"),
                description="Outside temperature monitor.",
                implementation="example.sensors.Temperature",
            ),
        ),
    )
