"""What is typed at stdin while something else runs; in the background (`make run &`) nothing is, until somebody says `fg`."""

import contextlib
import errno
import os
import signal
import time

_LOOK = 0.5  # s between two looks whether the terminal is ours again


def stay():
    """Do not be stopped for reading in the background. For the main thread, before pieces() or lines()."""
    if hasattr(signal, "SIGTTIN"):
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)


def in_front():
    """Whether the terminal at stdin, if it is one, is ours to read."""
    with contextlib.suppress(OSError):
        return os.tcgetpgrp(0) == os.getpgrp()
    return True


def pieces():
    """The bytes as they come, up to the end of the input."""
    while True:
        try:
            data = os.read(0, 4096)
        except OSError as e:
            if e.errno != errno.EIO or in_front():
                return
            time.sleep(_LOOK)
            continue
        if not data:
            return
        yield data


def lines():
    """The lines, as text."""
    rest = b""
    for data in pieces():
        *whole, rest = (rest + data).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
