"""`machine` of the emulated board: HOST's, which needs the firmware; before that is on the board, what a bare board has."""

import asyncio  # noqa: F401 - what the simulated hardware imports goes deep enough without it
import os

import boardrepl

try:
    from hostmachine import *  # noqa: F403
    from hostmachine import __getattr__, _sim_buses, levels  # noqa: F401 - for what hangs at buses and pins
except ImportError:

    class Pin:
        OUT = 1

        def __init__(self, id, mode=-1, value=None):
            pass

    def reset():
        os.system("kill -KILL $PPID")


class WDT:
    """A watchdog that bites whatever Python does."""

    def __init__(self, id=0, timeout=5000):
        self._timeout = timeout
        self.feed()

    def feed(self):
        boardrepl.watchdog(self._timeout)
