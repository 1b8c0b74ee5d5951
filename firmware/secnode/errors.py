"""SECoP's error classes (specification: messages/errors.rst). The name of the class is what goes on the wire."""


class SECoPError(Exception):
    """Base of all. `text` is for a person; `info` goes into the error report's third element."""

    def __init__(self, text="", **info):
        text = str(text)  # drivers give the exception that they caught, too
        super().__init__(text)
        self.text = text
        self.info = info


class WrongType(SECoPError):
    """The value is not of the kind that the datainfo asks for."""


class RangeError(SECoPError):
    """The value is outside what the datainfo allows; the same value is refused at any time."""


class HardwareError(SECoPError):
    """The connected hardware does not work as it should."""


class ReadFailed(SECoPError):
    """The value can't be read just now."""


# made when one asks for it: each takes 100 B of a board's memory, and most boards never need most of them
_ON_DEMAND = (
    "ProtocolError",  # a malformed message, or an action that does not exist
    "NoSuchModule",  # the node has no module of that name
    "NoSuchParameter",  # the module has no parameter of that name
    "NoSuchCommand",  # the module has no command of that name
    "ReadOnly",  # the parameter can't be changed, or is a constant
    "NotCheckable",  # the accessible does not say `checkable`
    "BadJSON",  # the data part of a message is not one JSON value
    "CommunicationFailed",  # the hardware did not answer, or not in a way that makes sense
    "TimeoutError",  # something that was begun took longer than it may
    "IsError",  # not while the module is in an error state
    "Impossible",  # not with the present configuration; `closest_valid` (in `info`) is what would be accepted instead
    "OutOfRange",  # what the sensor says lies outside its calibration
    "InternalError",  # a mistake in the firmware or a driver: never what a client sent
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
