"""What the board has to say to the people who look after it. A client gets it only if it asked, by `logging`."""

import sys

from micropython import const
from secnode.errors import RangeError, WrongType

OFF = const(0)
ERROR = const(1)
INFO = const(2)
DEBUG = const(3)
NAMES = ("off", "error", "info", "debug")
# whoever logs has trouble enough: no memory (a tuple made on the spot would need some), or nobody at the console
_LOST = (MemoryError, OSError)


# where it is printed: the board's console
out = sys.stderr


def _print(level, module, text):
    if level <= INFO:
        print("%s %s%s" % (NAMES[level], module + ": " if module else "", text), file=out)


# who is told: functions of (level, name of a module or "" for the node, text)
sinks = [_print]


def level_of(value):
    """The level that a client names, by a string or false. Raises WrongType or RangeError."""
    if value is False:
        return OFF
    if not isinstance(value, str):
        raise WrongType("the level has to be one of %s" % ", ".join(NAMES))
    if value not in NAMES:
        raise RangeError("the level has to be one of %s" % ", ".join(NAMES))
    return NAMES.index(value)


# above this nobody listens: such messages are not even put together
threshold = INFO


def _say(level, module, text, args):
    if level > threshold:
        return
    try:
        if args:
            text = text % args
    except _LOST:
        return
    for sink in sinks:
        try:
            sink(level, module, text)
        except _LOST:
            pass  # the others hear of it all the same


def debug(module, text, *args):
    """Something for the author of a driver. `module` is a module's name, or "" for the node."""
    _say(DEBUG, module, text, args)


def info(module, text, *args):
    """Something worth knowing that is no fault."""
    _say(INFO, module, text, args)


def error(module, text, *args):
    """A fault."""
    _say(ERROR, module, text, args)


def traceback(module, exception):
    """A mistake in the firmware or a driver, with the place where it happened (where it is printed alone)."""
    try:
        _say(ERROR, module, "%s: %s", (type(exception).__name__, exception))
        sys.print_exception(exception, out)  # type: ignore - a stream, as it has to be
    except _LOST:
        pass
