"""Values in registers, as tables.py and moving.py have them for lines: errors, state, agree and scale are as there.

`register` is an address, or a Register of modbus.py where more is to be said of it. `kind`, `function` and `swapped` are a
Register's. A register of whole numbers with a `scale` is a Double: 0.1 for one that holds tenths. `state` is a register of
bits, or an address.
"""

from instruments.modbus import Register
from instruments.moving import LineDrivable
from instruments.tables import LineReadable, LineWritable
from secnode.datainfo import Bool
from secnode.module import Parameter


def _register(register, kind="uint16", function=None, swapped=False):
    if isinstance(register, Register):
        return register
    return Register(register, kind, function, swapped)


def _prepared(register, kind, function, swapped, kwds):
    register = _register(register, kind, function, swapped)
    if register.count != 1:
        raise ValueError("%s: a module has one value" % register)
    if kwds.get("state") is not None:
        kwds["state"] = _register(kwds["state"])
    if register.kind == "bit":
        kwds.setdefault("value", Parameter(Bool(), description="what %s is" % register))
    return register


def _settable(register, readback, kwds):
    register.setting(0)
    if register.kind == "bit":
        kwds.setdefault("target", Parameter(Bool(), readonly=False, description="what %s is to be" % register))
    kwds.setdefault("readback_form", readback.form)


class ModbusReadable(LineReadable):
    """What a register of a ModbusDevice holds."""

    def __init__(self, device, register, kind="int16", unit="", function=None, swapped=False, **kwds):
        register = _prepared(register, kind, function, swapped, kwds)
        super().__init__(device, register, register.form, unit, **kwds)


# how a target gets into a register: what the classes below have in place of a line's
def _step(self, command, kind):
    return 0.6 if command.kind != "float32" else 0.0


def _request(self, number):
    return self.command.setting(number)


class ModbusWritable(LineWritable):
    """A register that is set; `readback` is that which says what is set, where it is another one."""

    step = _step
    request = _request

    def __init__(self, device, register, kind="int16", unit="", readback=None, function=None, swapped=False, **kwds):
        register = _prepared(register, kind, function, swapped, kwds)
        readback = register if readback is None else _register(readback, kind, function, swapped)
        _settable(register, readback, kwds)
        kwds.setdefault("answer", "")
        super().__init__(device, register, register, readback, register.form, unit, **kwds)


class ModbusDrivable(LineDrivable):
    """A value with a `target` register that it is on the way to; `moving` is a register of bits. Arrival as LineDrivable's."""

    step = _step
    request = _request

    def __init__(
        self, device, register, target, kind="int16", unit="", readback=None, function=None, swapped=False, moving=None, **kwds
    ):  # fmt: skip
        register = _prepared(register, kind, function, swapped, kwds)
        target_register = _register(target, kind, None, swapped)
        readback = target_register if readback is None else _register(readback, kind, None, swapped)
        _settable(target_register, readback, kwds)
        kwds.setdefault("answer", "")
        if moving is not None:
            kwds["moving"] = _register(moving)
        super().__init__(device, register, target_register, readback, register.form, unit, **kwds)
