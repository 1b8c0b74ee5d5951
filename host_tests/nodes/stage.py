"""A stage that goes by steps, with two limit switches; and a wheel without any."""

from drivers.pin_input import PinInput
from drivers.pin_output import PinOutput
from modules.motor import Motor
from secnode.datainfo import Double, Int
from secnode.module import Parameter, Readable
from secnode.node import Node
from simulated.stage import Stage

STAGE = Stage(11, high=16000)


class Truth(Readable):
    """Where the stage really is."""

    value = Parameter(Int(-1000, 100000), description="steps")
    pollinterval = 0.1

    def read_value(self):
        return STAGE.at


def node(board):
    low, high = (PinInput(board.pin_in(pin, "up"), on=0, debounce=0) for pin in (12, 13))
    return Node(
        equipment_id="stage",
        description="for tests",
        modules=(
            Motor(
                board.stepper(10, 11), steps=400, speed=10, acceleration=20, low=low, high=high, home=-1,
                enable=PinOutput(board.pin_out(9, safe=1, pull_up=True), on=0),
                name="stage", description="x", pollinterval=0.1,
                value=Parameter(Double(unit="mm"), description="position"),
                target=Parameter(Double(-0.5, 45, unit="mm"), readonly=False, description="where to go"),
            ),
            Motor(
                board.stepper(14, 15), steps=10, speed=100, acceleration=1000, name="wheel", description="x",
                value=Parameter(Double(unit="deg"), description="position"),
                target=Parameter(Double(-360, 360, unit="deg"), readonly=False, description="where to go"),
            ),
            Truth(name="truth", description="x"),
        ),
    )  # fmt: skip


def simulate(attach):
    attach("steps", 10, STAGE.step)
    attach("pin", 12, STAGE.lower)
    attach("pin", 13, STAGE.upper)
