"""Dynamic limits on every kind of number, in both ways of giving them."""

from secnode.datainfo import Double, Enum, Int, Scaled, Tuple
from secnode.limits import Enable, Limit
from secnode.module import Module, Parameter, Writable
from secnode.node import Node


class Furnace(Writable):
    value = Parameter(Double(unit="K"), default=300, description="temperature")
    target = Parameter(Double(0, 1200, unit="K"), readonly=False, checkable=True, default=300, description="to go to")
    target_limits = Limit(checkable=True)
    ramp = Parameter(Double(0, 100, unit="K/min"), readonly=False, checkable=True, description="how fast")
    ramp_max = Limit(default=50, checkable=True)
    ramp_enable = Enable(checkable=True)


class Numbers(Module):
    _int = Parameter(Int(-100, 100), readonly=False, checkable=True, description="a whole number")
    _int_min = Limit(checkable=True)
    _int_max = Limit(checkable=True)
    _scaled = Parameter(Scaled(0.1, -1000, 1000, unit="V"), readonly=False, checkable=True, description="a fixed-point number")
    _scaled_limits = Limit(checkable=True)
    _free = Parameter(Double(), readonly=False, checkable=True, description="a number without limits of its own")
    _free_limits = Limit(checkable=True)
    _free_fixed = Parameter(Double(), readonly=False, checkable=True, description="its limits can't be changed")
    _free_fixed_min = Limit(readonly=True, default=-1.5)


_VOLTS = Double(-10, 10, unit="V")


class Written(Writable):
    """The same by hand."""

    value = Parameter(_VOLTS, default=0, description="voltage")
    target = Parameter(_VOLTS, readonly=False, checkable=True, default=0, description="voltage")
    target_limits = Parameter(
        Tuple(_VOLTS, _VOLTS), readonly=False, checkable=True, default=(-10, 10), description="lowest and highest"
    )
    _gain = Parameter(Int(0, 100), readonly=False, checkable=True, default=5, description="gain")
    _gain_min = Parameter(Int(0, 100), readonly=False, checkable=True, default=0, description="lowest gain")
    _gain_max = Parameter(Int(0, 100), readonly=False, checkable=True, default=100, description="highest gain")
    _gain_enable = Parameter(Enum(OFF=0, ON=1), readonly=False, default=1, description="whether there is a gain")


def node(board):
    return Node(
        equipment_id="test.secnode.limits",
        description="dynamic limits",
        modules=(
            Furnace(name="furnace", description="a furnace"),
            Furnace(
                name="small",
                description="a smaller one",
                target=Parameter(Double(0, 400, unit="K"), readonly=False, checkable=True, description="to go to"),
                target_limits=Limit(checkable=True, default=(10, 300)),
            ),
            Numbers(name="numbers", description="every kind of number"),
            Written(name="written", description="limits by hand"),
        ),
    )
