"""An interlock whose heaters can't be cut or cleared at once, answering at either level (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path

from modules.interlock import Interlock
from secnode import errors
from secnode.datainfo import Double
from secnode.module import Parameter, Readable, Writable
from secnode.node import Node

_FAILS = {
    "": None,
    "MemoryError": MemoryError(),
    "OSError": OSError(5),
    "HardwareError": errors.HardwareError("the wire is open"),
}


class Heater(Writable):
    value = Parameter(Double(), default=0, description="x")
    target = Parameter(Double(), readonly=False, default=0, description="x")
    tripped = None
    fails = None  # what clearing it raises
    deaf = None  # what switching it off raises

    def cut(self):
        pass

    def trip(self, text):
        if self.deaf:
            raise self.deaf
        self.tripped = text

    def do_clear_errors(self):
        if self.fails:
            raise self.fails
        self.tripped = None


class Wall(Readable):
    value = Parameter(Double(), default=0, description="x")


def clear(latched, steps):
    """After each step [what it raised, value, whether it forbids, whether the heater is tripped, whether the other one is].

    Steps: ["wall", K], ["fail", what clearing the heater raises], ["deaf", what cutting the other one raises], ["look"],
    ["clear"].
    """
    wall = Wall(name="wall", description="x")
    heater = Heater(name="heater", description="x")
    other = Heater(name="other", description="x")
    lock = Interlock(
        when=(">", (wall, "value"), 100), actions=((heater, "off"), (other, "off")), text="hot", latched=latched,
        name="lock", description="x",
    )  # fmt: skip
    Node(equipment_id="test", description="x", modules=(wall, heater, other, lock))
    seen = []
    for what, *values in steps:
        raised = None
        try:
            if what == "wall":
                wall.value = values[0]
            elif what == "fail":
                heater.fails = _FAILS[values[0]]
            elif what == "deaf":
                other.deaf = _FAILS[values[0]]
            elif what == "look":
                lock.look()
            else:
                lock.do_clear_errors()
        except Exception as e:
            raised = type(e).__name__
        seen.append([raised, lock.value, lock.forbids, bool(heater.tripped), bool(other.tripped)])
    return seen


if __name__ == "__main__":
    driver.serve({"clear": clear})
