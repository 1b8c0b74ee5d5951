"""SECoP's error classes (specification: messages/errors.rst). The name of the class is what goes on the wire."""


class SECoPError(Exception):
    """Base of all. `text` is for a person; `info` goes into the error report's third element."""

    def __init__(self, text="", **info):
        text = str(text)  # drivers give the exception that they caught, too
        super().__init__(text)
        self.text = text
        self.info = info


class ProtocolError(SECoPError):
    """A malformed message, or an action that does not exist."""


class NoSuchModule(SECoPError):
    """The node has no module of that name."""


class NoSuchParameter(SECoPError):
    """The module has no parameter of that name."""


class NoSuchCommand(SECoPError):
    """The module has no command of that name."""


class ReadOnly(SECoPError):
    """The parameter can't be changed, or is a constant."""


class NotCheckable(SECoPError):
    """The accessible does not say `checkable`."""


class BadJSON(SECoPError):
    """The data part of a message is not one JSON value."""


class WrongType(SECoPError):
    """The value is not of the kind that the datainfo asks for."""


class RangeError(SECoPError):
    """The value is outside what the datainfo allows; the same value is refused at any time."""


class HardwareError(SECoPError):
    """The connected hardware does not work as it should."""


class CommunicationFailed(SECoPError):
    """The hardware did not answer, or not in a way that makes sense."""


class TimeoutError(SECoPError):
    """Something that was begun took longer than it may."""


class IsError(SECoPError):
    """Not while the module is in an error state."""


class Impossible(SECoPError):
    """Not with the present configuration. `closest_valid` (in `info`) is what would be accepted instead."""


class ReadFailed(SECoPError):
    """The value can't be read just now."""


class OutOfRange(SECoPError):
    """What the sensor says lies outside its calibration."""


class InternalError(SECoPError):
    """A mistake in the firmware or a driver: never what a client sent."""


# for drivers alone, and made when one asks for it: each takes 100 B of a board's memory
_ON_DEMAND = (
    "NotImplemented",  # not yet there; for drivers under development
    "CommandRunning",  # the command is still being carried out
    "IsBusy",  # not while the module is BUSY
    "Disabled",  # not while the module is disabled
)


def __getattr__(name):
    if name not in _ON_DEMAND:
        raise AttributeError(name)
    globals()[name] = made = type(name, (SECoPError,), {})
    return made
