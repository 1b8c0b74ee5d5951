"""The power of an oven's heater: to be seen, or set by hand (accessibles.rst, "Coupled Modules")."""

from secnode.datainfo import Bool, Double, Enum
from secnode.errors import Impossible
from secnode.module import IDLE, Command, Parameter, Writable

_SELF = 0
_OVEN = 1


class HeaterPower(Writable):
    """The power in W of the heater that `oven` (modules.oven.Oven) has; setting it takes the control from the oven.

    The oven's guard and its `_maxheaterpower` hold for it as well.
    """

    control_active = Parameter(Bool(), default=False, description="whether the target has effect")
    control_off = Command(description="heater off, where this module controls it")

    def __init__(self, oven, **kwds):
        power = Double(0, oven.heater.max_power, unit="W")
        kwds["value"] = Parameter(power, description="power of the heater, by the duty at its pin")
        kwds["target"] = Parameter(power, readonly=False, checkable=True, description="power, set by hand")
        kwds["controlled_by"] = Parameter(
            Enum({"self": _SELF, oven.name: _OVEN}), default=_SELF, description="who decides about the power"
        )
        super().__init__(**kwds)
        self.oven = oven
        oven.couple(self)

    def read_value(self):
        return self.oven.heater.real_power()

    def check_target(self, value):
        limit = self.oven._maxheaterpower
        if value > limit:
            raise Impossible("%g W is above _maxheaterpower, %g W" % (value, limit), closest_valid=limit)

    def write_target(self, value):
        waiting = self.oven.begin_output()
        self.target = value  # what the next decision takes
        return waiting

    def do_control_off(self):
        if self.control_active:
            return self.oven.switch_off("off")

    def tell(self, own, oven):
        """Whether this module, or the oven, decides from now on."""
        self.control_active = own
        self.controlled_by = _OVEN if oven else _SELF
        if not own:
            self.status = IDLE, ""
