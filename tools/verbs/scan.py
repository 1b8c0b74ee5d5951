"""Drive a module to a list of points, one after the other, after all of them were checked.

The points are the rows of a CSV file: one column for a number, several for an array, a tuple or (by the heading) a struct.
Lines that begin with # are left out. Before anything moves the node is asked of every point whether it would take it. Then
the module is driven to each, and a row is written when it has arrived. Whatever ends a scan before its last point stops the
module: Ctrl-C, an error, a full disk; where the connection is lost, over a new one.
"""

import asyncio
import csv
import datetime
import json
import os
import re
import sys
from pathlib import Path

from .. import foreign, interrupts
from ..client import checking, client
from ..foreign import cell
from ..problem import Problem

_LATE = 1.5  # s
_AGAIN = 30.0  # s to connect again to a module that has to be stopped
_PAUSE = 1.0  # s between two tries
# what may stand above a column: a name, and perhaps a unit: T, field [T], Sample Temperature (K)
_HEADING = re.compile(r"\w[\w .:/%-]*([(\[][^)\]]*[)\]])?")
_VALUES = {"nan", "inf", "infinity", "true", "false", "null", "none"}


def add_arguments(parser):
    parser.add_argument("points", help="the CSV file with the points")
    parser.add_argument("--module", required=True, help="the module to drive")
    parser.add_argument("--output", help="the CSV file to write (POINTS with -scan before its ending)")
    parser.add_argument("--also", action="append", default=[], metavar="MODULE:PARAMETER", help="read this too, at each point")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="S", help="seconds to stay at each point before its row is written"
    )
    parser.add_argument("--timeout", type=float, metavar="S", help="give up when a point takes longer (no limit)")
    parser.add_argument("--skip", action="store_true", help="leave out the points that are refused, instead of not beginning")
    parser.add_argument("--check-only", action="store_true", help="only check the points")
    parser.add_argument("--address", default="127.0.0.1:10767", help="HOST:PORT of the node (%(default)s)")


def main(args):
    if ":" in args.module:
        raise Problem(f"--module takes only the module: {args.module.partition(':')[0]}")
    source = Path(args.points)
    if not source.is_file():
        raise Problem(f"there is no file {args.points}")
    target = Path(args.output) if args.output else source.with_name(f"{source.stem}-scan.csv")
    if target.exists() and not args.check_only:
        raise Problem(f"{target} is there already: move it away, or name another one with --output")
    if not args.check_only and not os.access(target.parent, os.W_OK):
        raise Problem(f"{target} can't be written: name another one with --output")
    return interrupts.run(scan(args, source, target))


async def scan(args, source, target):
    node = await client.connect(args.address)
    try:
        await node.describe()
        datainfo = node.description.datainfo(f"{args.module}:target", "change")
        if not datainfo:
            raise Problem(f"{node.name} has no module {args.module} with a target")
        points = read_points(source, datainfo)
        refused = await check_all(node, args.module, points, args.skip)
        if args.check_only or (refused and not args.skip):
            return 1 if refused else 0
        points = [p for p in points if p.line not in refused]
        if not points:
            raise Problem("no point is left")
        return await Drive(node, args, target).all(points)
    finally:
        await node.close()


class Point:
    """A row of the file: where it stands, and the value for the target."""

    def __init__(self, line, value):
        self.line = line
        self.value = value


def read_points(source, datainfo):
    """The points of a CSV file, as the target's data type has them. Raises Problem with the line that makes no sense."""
    points = []
    heading = None
    try:
        with open(source, newline="", encoding="utf-8-sig") as f:
            rows = csv.reader(f, skipinitialspace=True)
            for row in rows:
                if not any(row) or row[0].startswith("#"):
                    continue
                cells = [cell.strip() for cell in row]
                if heading is None and not points and is_heading(cells, datainfo):
                    heading = cells
                    print(f"{source}, line {rows.line_num} is taken as the heading: {foreign.clean(','.join(cells))}")
                    continue
                points.append(Point(rows.line_num, value_of(cells, heading, datainfo, f"{source}, line {rows.line_num}")))
    except (OSError, UnicodeError, csv.Error) as e:
        raise Problem(f"{source} is no CSV file in UTF-8: {e}") from None
    if not points:
        raise Problem(f"{source} has no points")
    return points


def is_heading(cells, datainfo):
    if datainfo["type"] == "struct":
        return set(cells) <= set(datainfo["members"])
    if datainfo["type"] in ("string", "enum", "blob"):
        return False  # there a name is a value
    return all(
        _HEADING.fullmatch(cell) and (cell[0].isalpha() or cell[0] == "_") and cell.lower() not in _VALUES for cell in cells
    )


def value_of(cells, heading, datainfo, where):
    kind = datainfo["type"]
    if kind == "struct":
        if not heading:
            raise Problem(f"{where}: a struct needs a first line with the names of its members")
        if len(cells) != len(heading):
            raise Problem(f"{where}: {len(cells)} columns, but {len(heading)} names in the first line")
        return {n: cell_of(c, datainfo["members"][n], where) for n, c in zip(heading, cells, strict=True) if c}
    if kind == "tuple":
        if len(cells) != len(datainfo["members"]):
            raise Problem(f"{where}: {len(cells)} columns, but the target has {len(datainfo['members'])} members")
        return [cell_of(c, m, where) for c, m in zip(cells, datainfo["members"], strict=True)]
    if kind == "array":
        return [cell_of(c, datainfo["members"], where) for c in cells]
    if len(cells) != 1:
        raise Problem(f"{where}: {len(cells)} columns, but the target is a single value")
    return cell_of(cells[0], datainfo, where)


def cell_of(cell, datainfo, where):
    kind = datainfo.get("type", "value")
    if kind in ("string", "blob") or (kind == "enum" and cell in datainfo["members"]):
        return cell
    try:
        return checking.load(cell)
    except ValueError:
        # .5 and +5 are numbers to everybody but JSON
        if kind in ("double", "int", "scaled") and foreign.is_plain_number(cell) and abs(float(cell)) < 1e308:
            return float(cell) if set(cell) & set(".eE") else int(cell)
        raise Problem(f"{where}: {cell!r} is no value for a {kind}") from None


async def check_all(node, module, points, skip):
    """Ask the node of every point, and print what it refuses; gives the lines of those."""
    refused = {}
    try:
        for point in points:
            verdict = await checking.ask(node, f"{module}:target", point.value)
            if not verdict.accepted:
                refused[point.line] = verdict
    except checking.CannotCheck as e:
        print(f"the points are not checked beforehand: {e}", file=sys.stderr)
        return {}
    for line, verdict in refused.items():
        value = next(p.value for p in points if p.line == line)
        closest = f"; closest: {exact(verdict.closest)}" if verdict.closest is not None else ""
        print(f"line {line}: {exact(value)} would be refused: {verdict.error.text} ({verdict.error.name}){closest}")
    if refused:
        print(
            f"{len(refused)} of {len(points)} points would be refused; {'they are left out' if skip else 'nothing was moved'}"
        )
    else:
        print(f"all {len(points)} points would be taken")
    return refused


class Drive:
    """Drives a module from point to point, and writes a table of what it finds."""

    def __init__(self, node, args, target):
        self.node = node
        self.args = args
        self.module = args.module
        self.target = target
        self.status = None  # as it came
        self.value = None
        self.moved = False  # whether it was told to go anywhere
        self.changed = asyncio.Event()
        node.listeners.append(self.hear)

    def hear(self, message):
        if message.action in ("update", "reply"):
            value, _ = client.report(message.data)
            if message.specifier == f"{self.module}:status":
                self.status = value
                self.changed.set()
            elif message.specifier == f"{self.module}:value":
                self.value = value
                self.changed.set()

    async def all(self, points):
        """Drive to all points, a row each; gives the exit code. Whatever ends it before the last one stops the module."""
        arrived = False
        try:
            await self.node.request("activate", self.module)
            await self.each(points)
            arrived = True
        except asyncio.CancelledError:
            asyncio.current_task().uncancel()  # what follows may wait
            raise
        except (Problem, client.SECoPError) as e:
            raise Problem(f"{e}; what was measured before: {self.target}") from None
        except OSError as e:
            raise Problem(f"{self.target} can't be written: {e.strerror or e}") from None
        finally:
            if self.moved and not arrived:
                await self.stop()
        print(f"{len(points)} points driven: {self.target}")
        return 0

    async def each(self, points):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        parts = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        table = Table(self.target)
        with table, Progress(*parts, console=Console(stderr=True)) as progress:
            bar = progress.add_task(self.module, total=len(points))
            for point in points:
                progress.update(bar, description=f"{self.module} to {shown(point.value)}")
                await self.to(point, lambda text: progress.update(bar, description=text))
                table.add(await self.row(point))
                progress.advance(bar)

    async def to(self, point, show):
        """Set the target and wait until the module is no longer BUSY."""
        self.moved = True
        try:
            await self.node.request("change", f"{self.module}:target", point.value)
        except client.SECoPError as e:
            raise Problem(f"line {point.line}: {exact(point.value)} was refused: {e.text} ({e.name})") from None
        await self.node.request("read", f"{self.module}:status")
        try:
            async with asyncio.timeout(self.args.timeout):
                await self.begin()
                while self.is_busy():
                    show(f"{self.module} to {shown(point.value)}: {self.said()[1]}, at {shown(self.value)}"[:100])
                    self.changed.clear()
                    await self.until_changed()
        except TimeoutError:
            raise Problem(f"line {point.line}: {exact(point.value)} is not reached within {self.args.timeout:g} s") from None
        code, text = self.said()
        if code >= 400:
            raise Problem(f"line {point.line}: {self.module} is in an error state: {text}")
        await asyncio.sleep(self.args.wait)

    async def begin(self):
        # a node has to say BUSY before it replies; some are late with it
        deadline = asyncio.get_running_loop().time() + _LATE
        while not self.is_busy() and self.node.description.interface_class(self.module) == "Drivable":
            self.changed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self.until_changed()
            except TimeoutError:
                return

    async def until_changed(self):
        changed = asyncio.ensure_future(self.changed.wait())
        ended = asyncio.ensure_future(self.node.ended())
        try:
            await asyncio.wait((changed, ended), return_when=asyncio.FIRST_COMPLETED)
            if self.node.lost:
                raise self.node.lost
        finally:
            changed.cancel()
            ended.cancel()

    def said(self):
        """The status as (code, text). Raises Problem where it is none."""
        status = self.status
        if isinstance(status, list) and len(status) == 2 and type(status[0]) is int and isinstance(status[1], str):
            return status[0], foreign.clean(status[1])
        raise Problem(f"the status of {self.module} is none: {exact(status)}")

    def is_busy(self):
        # from 390 on it is finalizing: the value is there (accessibles.rst, "Status codes")
        return 300 <= self.said()[0] < 390

    async def read(self, specifier):
        """(value, qualifiers) of a parameter, freshly read."""
        _, _, data = await self.node.request("read", specifier)
        value, qualifiers = client.report(data)
        if value is client.NOTHING:
            raise Problem(f"{self.node.name} answers `read {specifier}` without a value")
        return value, qualifiers

    async def row(self, point):
        """What is written at a point, freshly read."""
        value, qualifiers = await self.read(f"{self.module}:value")
        t = foreign.moment(qualifiers.get("t"))
        when = datetime.datetime.fromtimestamp(t) if t else datetime.datetime.now()
        row = {"time": when.isoformat(sep=" ", timespec="milliseconds")}
        row |= columns("target", point.value) | columns("value", value)
        row |= dict(zip(("status", "text"), self.said(), strict=True))
        for specifier in self.args.also:
            try:
                row |= columns(specifier, (await self.read(specifier))[0])
            except client.SECoPError as e:
                row[specifier] = e.name
        return row

    async def stop(self):
        """Stop the module, over a new connection where this one is lost; say how that went."""
        if "stop" not in self.node.description.accessibles(self.module):
            client.complain(f"{self.module} has no stop, and its target stays; what was measured before: {self.target}")
            return
        client.complain(f"stopping {self.module} ...")
        try:
            if self.node.lost:
                await self.stop_anew()
            else:
                try:
                    await self.order(self.node)
                except Problem:
                    await self.stop_anew()
        except (Problem, client.SECoPError) as e:
            client.complain(
                f"{self.module} COULD NOT BE STOPPED, and may still be driving: {e}. What was measured before: {self.target}"
            )
        else:
            client.complain(f"{self.module} was stopped; what was measured before: {self.target}")

    async def order(self, node):
        await node.request("do", f"{self.module}:stop")

    async def stop_anew(self):
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _AGAIN
        while True:
            try:
                node = await client.connect(self.args.address)
            except Problem:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_PAUSE)
                continue
            try:
                return await self.order(node)
            finally:
                await node.close()


class Table:
    """A CSV file that is complete after each row, with a column for all that a row had so far."""

    def __init__(self, path):
        self.path = path
        self._rows = []
        self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._file:
            self._file.close()

    def add(self, row):
        self._rows.append({cell(name): cell(value) for name, value in row.items()})
        names = dict.fromkeys(name for row in self._rows for name in row)
        if self._file and list(names) == self._writer.fieldnames:
            self._writer.writerow(self._rows[-1])
        else:
            if self._file:
                self._file.close()
            self._file = open(self.path, "w", newline="", encoding="utf-8")
            self._writer = csv.DictWriter(self._file, list(names))
            self._writer.writeheader()
            self._writer.writerows(self._rows)
        self._file.flush()


def columns(name, value):
    """A value as columns of the table: one for each element or member."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        return {k: v for key, member in value.items() for k, v in columns(f"{name}_{key}", member).items()}
    return {name: value}


def shown(value):
    """A value in few digits, on one line."""
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, float):
        return f"{value:.4g}"
    return exact(value)


def exact(value):
    """A value as JSON, on one line."""
    return foreign.clean(json.dumps(value, ensure_ascii=False, default=str))
