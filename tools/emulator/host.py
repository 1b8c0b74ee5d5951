"""A node on the simulated board HOST, as a process: how it is started, with what, and when it is there."""

import contextlib
import ctypes
import os
import signal
import socket
import time

from .. import paths
from ..addresses import check_port
from ..build import micropython
from ..problem import Problem

_START = 15  # s for the node to answer


def environment(host="127.0.0.1", port=10767, speed=1, clients=None, settings=None, reset=None, **more):
    """What the HOST board reads at start.

    `settings` is a file, settings.json in the image unless it is given; `reset` one where a reset leaves its cause.
    """
    values = {"HOST": host, "PORT": port, "SPEED": speed, "CLIENTS": clients, "SETTINGS": settings, "RESET": reset}
    values.update((key.upper(), value) for key, value in more.items())
    return {**os.environ, **{"SECNODE_" + key: str(value) for key, value in values.items() if value not in (None, "")}}


def command(interpreter, folder):
    """The command line that powers on an image."""
    start_py = str(paths.BOARDS / "HOST" / "start.py")
    if micropython.is_micropython(interpreter):
        return [interpreter, start_py, str(folder)]
    return [interpreter, "-B", start_py, str(folder), str(paths.SHIMS)]


def serial(uart, console, lines=None):
    """What the HOST board has to know of its serial ports; `lines` are those to instruments, by the numbers of their UARTs."""
    uarts = " ".join(f"{number}={port.end}" for number, port in (lines or {}).items())
    return {"uart": uart and uart.end, "console": 1 if console else None, "uarts": uarts}


def ends(uart, lines=None):
    """The file descriptors that the HOST board has to inherit for them."""
    return [port.end for port in (uart, *(lines or {}).values()) if port]


def die_with_parent():
    """In the child: end when whoever started it is gone (Linux: PR_SET_PDEATHSIG)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a script's `make run &` ignores it, and who is ignored can't be ended so
    with contextlib.suppress(OSError, AttributeError):  # elsewhere than on Linux it has to be ended by hand
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def wait_for_answer(process, host, port):
    address = ("127.0.0.1" if host == "0.0.0.0" else host, port)
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Problem("the node ended at once; its message is above")
        try:
            with socket.create_connection(address, 1) as s:
                s.settimeout(1)
                s.sendall(b"*IDN?\n")
                if s.recv(64).startswith(b"ISSE"):
                    return
        except OSError:
            time.sleep(0.02)
    raise Problem(f"the node did not answer within {_START} s")


def wait_until_free(host, port):
    """After a reset: the process that carried it out may hold the board's TCP port a moment longer than the board itself."""
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        with contextlib.suppress(Problem):
            return check_port(host, port)
        time.sleep(0.02)
