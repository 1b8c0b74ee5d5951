"""What the board has to say to whoever looks after it; never part of the protocol."""

import sys


def _print(level, module, text):
    print("%s %s%s" % (level, module + ": " if module else "", text), file=sys.stderr)


# who is told: functions of (level, module name or "", text)
sinks = [_print]


def _say(level, module, text):
    for sink in sinks:
        sink(level, module, text)


def debug(module, text):
    """Something for whoever writes a driver."""
    _say("debug", module, text)


def info(module, text):
    """Something worth knowing that is no fault."""
    _say("info", module, text)


def error(module, text):
    """A fault, of `module` or (with "") of the node."""
    _say("error", module, text)


def traceback(module, exception):
    """A mistake in the firmware or a driver, with the place where it happened."""
    error(module, "%s: %s" % (type(exception).__name__, exception))
    sys.print_exception(exception, sys.stderr)  # type: ignore - a stream, as it has to be
