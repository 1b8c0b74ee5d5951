"""A node as it is now: its newest values, what they were before, and the connection that comes back by itself."""

import asyncio
import collections
import csv
import io
import json
import os
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .. import foreign
from ..problem import Problem
from . import client as clients
from .description import datainfo, is_command

_KEPT = 7200  # points of a curve
_PLOTTED = ("value", "target", "setpoint")
_LARGEST = 1e100  # of what can be plotted
_PAUSE = 1.0  # s between two tries to connect, doubled each time, up to
_LONGEST = 15.0
_NEAR = 0.1
_SILENT = 10.0  # s without a word until the node is asked whether it is there


class Reading(NamedTuple):
    """The last that is known of a parameter: its value, or the error (a SECoPError); when, in s since 1970."""

    value: Any
    error: Any
    t: float


class Watch:
    """Follows the node at an address. `changed()` is called when there is something new to be seen.

    `readings` is a dict of (module, parameter) -> Reading, `curves` one of (module, parameter, index) -> deque of (t, number)
    of what can be plotted; `state` says in words how the connection is, `there` whether it is up.
    """

    def __init__(self, address, baudrate=None, log=None):
        self.address = address
        self.state = ""
        self.there = False
        self.changed = lambda: None
        self.readings = {}
        self.curves = {}
        self.client: Any = None
        self._baudrate = baudrate
        self._log = log
        self._anew = asyncio.Event()

    @property
    def description(self):
        return self.client.description

    async def connect(self):
        """Connect, describe and activate. Raises Problem where that fails."""
        # the first time there is no screen yet
        client = await clients.connect(self.address, self._baudrate, self._say if self.client else clients.complain)
        client.tell = self._say
        try:
            await client.describe()
            self.client = client
            self._anew.clear()
            self.readings.clear()
            client.listeners.append(self._take)
            await client.request("activate")
        except BaseException as e:
            await client.close()
            if isinstance(e, clients.SECoPError):
                raise Problem(f"{client.name} refuses: {e}") from None
            raise
        self.there = True
        for module in self.description.modules:
            if self._is_off(module):
                # where it would go is of no interest as long as it does not, and would spoil the plot's scale
                for key in [key for key in self.curves if key[0] == module and key[1] != "value"]:
                    del self.curves[key]
        self._say(f"connected to {client.name}")

    def _is_off(self, module):
        """Whether a module does not care for its target, as far as that can be seen."""
        control = self.readings.get((module, "control_active"))
        if control:
            return control.value in (False, 0)
        status, value, target = (self.readings.get((module, name)) for name in ("status", "value", "target"))
        if not (status and value and target) or status.error or value.error or target.error:
            return False
        try:
            return status.value[0] < 300 and abs(value.value - target.value) > _NEAR * max(abs(value.value), abs(target.value))
        except (TypeError, IndexError):
            return False

    async def run(self):
        """Keep the connection, for ever: after connect()."""
        while True:
            why = await self._until_lost()
            self.there = False
            await self.client.close()
            pause = _PAUSE
            while not self.there:
                self._say(f"{why}; trying again")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST)
                try:
                    await self.connect()
                except Problem as e:
                    why = str(e)

    async def _until_lost(self):
        """Waits until the connection is gone, or has to be made anew; gives why."""
        client = self.client
        ended = asyncio.create_task(client.ended())
        anew = asyncio.create_task(self._anew.wait())
        try:
            while True:
                self._heard = False
                await asyncio.wait((ended, anew), timeout=_SILENT, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    return str(client.lost)
                if anew.done():
                    return "the node has started anew"
                if not self._heard:
                    try:
                        await client.request("ping", "monitor")
                    except Problem as e:
                        return str(e)
                    except clients.SECoPError:
                        continue  # it does answer
        finally:
            ended.cancel()
            anew.cancel()

    async def close(self):
        self.there = False
        if self.client:
            await self.client.close()

    def _say(self, text):
        self.state = text
        self.changed()

    def _take(self, message):
        self._heard = True
        if message.action == "error_closed":  # a serial line: what was active is so no more
            self._anew.set()
            return
        if message.action not in ("update", "error_update", "reply", "changed", "error_read"):
            return
        module, _, name = message.specifier.partition(":")
        accessible = self.description.accessibles(module).get(name)
        if accessible is None:
            return
        # a node whose clock is not set sends no time
        t = time.time() if message.t is None else message.t
        value, _ = clients.report(message.data)
        if message.is_error:
            reading = Reading(None, message.error, t)
        elif value is not clients.NOTHING:
            reading = Reading(value, None, t)
        else:
            return
        before = self.readings.get((module, name))
        self.readings[module, name] = reading
        if name in _PLOTTED and not reading.error:
            self._plot(module, name, reading, datainfo(accessible))
        if self._log and (before is None or message.action in ("update", "error_update", "changed")):
            self._log.row(module, name, reading, datainfo(accessible))
        self.changed()

    def _plot(self, module, name, reading, info):
        factor = info.get("scale", 1) if info.get("type") == "scaled" else 1
        values = reading.value if isinstance(reading.value, list) else [reading.value]
        for i, value in enumerate(values[:3]):
            if foreign.is_number(value) and abs(value) < _LARGEST:
                curve = self.curves.setdefault((module, name, i), collections.deque(maxlen=_KEPT))
                # the PC's time: a node's clock may not be set, or jump
                curve.append((time.time(), value * factor))

    def parameters(self, module):
        """Those of a module that are no commands, with what was read of them: (name, properties, Reading or None)."""
        for name, accessible in self.description.accessibles(module).items():
            if not is_command(accessible):
                yield name, accessible, self.readings.get((module, name))


class Log:
    """A CSV file with a row for every value that comes. Raises Problem where it can't be made.

    One that is there stays, unless it has nothing in it but our heading.
    """

    HEADING = ("time", "module", "parameter", "value", "unit", "error")

    def __init__(self, path):
        heading = io.StringIO()
        csv.writer(heading).writerow(self.HEADING)
        try:
            if os.path.isfile(path) and _begin(path, 200) in ("", heading.getvalue()):
                self._file = open(path, "w", newline="", encoding="utf-8")
            else:
                self._file = open(path, "x", newline="", encoding="utf-8")
        except FileExistsError:
            raise Problem(f"{path} is there already: move it away, or name another one with --csv") from None
        except OSError as e:
            raise Problem(f"{path} can't be written: {e.strerror}") from None
        self.path = path
        self.rows = 0
        self.failed = None
        self._rows = csv.writer(self._file)
        self._write(self.HEADING)

    def row(self, module, name, reading, info):
        when = datetime.fromtimestamp(reading.t, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        value = "" if reading.error else reading.value
        if foreign.is_number(value) and info.get("type") == "scaled":
            value = round(value * info.get("scale", 1), 12)
        if not isinstance(value, str):
            value = json.dumps(value, ensure_ascii=False)
        self.rows += 1
        row = when, module, name, value, info.get("unit", ""), str(reading.error) if reading.error else ""
        self._write(map(foreign.cell, row))

    def _write(self, row):
        try:
            self._rows.writerow(row)
            self._file.flush()
        except (OSError, ValueError) as e:  # a disk that is full must not end the view
            self.failed = str(e)

    def close(self):
        self._file.close()


def _begin(path, size):
    with open(path, newline="", encoding="utf-8", errors="replace") as f:
        return f.read(size)
