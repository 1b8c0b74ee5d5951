"""Nodes of any size, to see what grows with it."""

import textwrap

from tools import paths

_NODE = """
from drivers.curves import Beta
from drivers.divider import Divider
from machine import ADC
from modules.thermometer import Thermometer
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    return Node(
        equipment_id="bench_{n}",
        description="as many thermometers as asked for",
        modules=tuple(
            [
                Thermometer(
                    Divider(ADC(board.OUTSIDE_ADC), Beta(10000, 3950), series=10000),
                    name="outside%d" % i,
                    value=Parameter(Double(unit="C"), description="temperature outside"),
                    description="Outside temperature monitor.",
                    implementation="example.sensors.Temperature",
                )
                for i in range({n})
            ]
        ),
    )
"""

_PARAMETERS = """
from secnode.datainfo import Double
from secnode.module import Parameter, Readable
from secnode.node import Node


class Many(Readable):
    value = Parameter(Double(), description="one of many")
    {lines}


def node(board):
    return Node(equipment_id="bench_{n}", description="a module", modules=(Many(name="many", description="all of them"),))
"""


def _write(name, text):
    folder = paths.build_dir() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name + ".py")
    path.write_text(text)
    return path


def outsides(n):
    """A node with `n` modules like `outside`, outside0 and so on."""
    return _write(f"outside_{n}", _NODE.format(n=n))


def parameters(n):
    """A node with one module, many, of `n` parameters beside value and status: _p0 and so on."""
    lines = [f'_p{i} = Parameter(Double(0, 100), readonly=False, description="number {i}")' for i in range(n)]
    return _write(f"parameters_{n}", _PARAMETERS.format(n=n, lines=textwrap.indent("\n".join(lines), "    ").strip()))
