"""An analogue output on a bus."""

from drivers.mcp4725 import MCP4725
from modules.analogue_output import AnalogueOutput
from secnode.node import Node


def node(board):
    dac = MCP4725(board.i2c("i2c0"), scale=10 / 3.3, what="set point of a supply")
    return Node(
        equipment_id="example_org.output",
        description="an analogue output",
        modules=(AnalogueOutput(dac, name="supply", description="what the supply is to give"),),
    )
