"""Drive a module to a list of points, one after the other, after all of them were checked.

The points are the rows of a CSV file: one column for a number, several for an array, a tuple or (by the heading) a struct.
Lines that begin with # are left out. Before anything moves the node is asked of every point whether it would take it. Then
the module is driven to each, and a row is written when it has arrived. Ctrl-C stops the module.
"""

import asyncio
import csv
import datetime
import json
import os
import signal
import sys
from pathlib import Path

from . import check
from .common import client
from .common.problem import Problem

_LATE = 1.5  # s


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
        raise Problem(f"--module takes the module alone: {args.module.partition(':')[0]}")
    source = Path(args.points)
    if not source.is_file():
        raise Problem(f"there is no file {args.points}")
    target = Path(args.output) if args.output else source.with_name(f"{source.stem}-scan.csv")
    if target.exists() and not args.check_only:
        raise Problem(f"{target} is there already: move it away, or name another one with --output")
    if not args.check_only and not os.access(target.parent, os.W_OK):
        raise Problem(f"{target} can't be written: name another one with --output")
    return asyncio.run(scan(args, source, target))


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
        return await Drive(node, args).all(points, target)
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
    return all(cell and not is_json(cell) for cell in cells) and datainfo["type"] not in ("string", "enum", "blob")


def is_json(text):
    try:
        check.load(text)
    except ValueError:
        return False
    return True


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
    if datainfo["type"] in ("string", "blob") or (datainfo["type"] == "enum" and cell in datainfo["members"]):
        return cell
    try:
        return check.load(cell)
    except ValueError:
        raise Problem(f"{where}: {cell!r} is no value for a {datainfo['type']}") from None


async def check_all(node, module, points, skip):
    """Ask the node of every point, and print what it refuses; gives the lines of those."""
    refused = {}
    try:
        for point in points:
            verdict = await check.ask(node, f"{module}:target", point.value)
            if not verdict.accepted:
                refused[point.line] = verdict
    except check.CannotCheck as e:
        print(f"the points are not checked beforehand: {e}", file=sys.stderr)
        return {}
    for line, verdict in refused.items():
        value = next(p.value for p in points if p.line == line)
        closest = f"; closest: {json.dumps(verdict.closest)}" if verdict.closest is not None else ""
        print(f"line {line}: {json.dumps(value)} would be refused: {verdict.error.text} ({verdict.error.name}){closest}")
    if refused:
        print(
            f"{len(refused)} of {len(points)} points would be refused; {'they are left out' if skip else 'nothing was moved'}"
        )
    else:
        print(f"all {len(points)} points would be taken")
    return refused


class Drive:
    """Drives a module from point to point."""

    def __init__(self, node, args):
        self.node = node
        self.args = args
        self.module = args.module
        self.status = None
        self.value = None
        self.changed = asyncio.Event()
        node.listeners.append(self.hear)

    def hear(self, message):
        if message.action in ("update", "reply") and isinstance(message.data, list) and message.data:
            if message.specifier == f"{self.module}:status":
                self.status = message.data[0]
                self.changed.set()
            elif message.specifier == f"{self.module}:value":
                self.value = message.data[0]
                self.changed.set()

    async def all(self, points, target):
        """Drive to all points, a row each; gives the exit code."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        loop.add_signal_handler(signal.SIGINT, task.cancel)
        await self.node.request("activate", self.module)
        parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        try:
            with open(target, "w", newline="", encoding="utf-8") as f, Progress(*parts, console=console) as progress:
                writer = csv.writer(f)
                bar = progress.add_task(self.module, total=len(points))
                for point in points:
                    progress.update(bar, description=f"{self.module} to {json.dumps(point.value)}")
                    await self.to(point, lambda text: progress.update(bar, description=text))
                    row = await self.row(point)
                    if not f.tell():
                        writer.writerow(row)
                    writer.writerow(row.values())
                    f.flush()
                    progress.advance(bar)
            print(f"{len(points)} points driven: {target}")
            return 0
        except asyncio.CancelledError:
            task.uncancel()
            loop.add_signal_handler(signal.SIGINT, lambda: None)  # it is being stopped already
            await self.stop()
            print(f"{self.module} was stopped; what was measured before: {target}", file=sys.stderr)
            return 130
        except (Problem, client.SECoPError) as e:
            if self.node.lost is None:
                await self.stop()
            raise Problem(f"{e}; what was measured before: {target}") from None
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    async def to(self, point, show):
        """Set the target and wait until the module is no longer BUSY."""
        try:
            await self.node.request("change", f"{self.module}:target", point.value)
        except client.SECoPError as e:
            raise Problem(f"line {point.line}: {json.dumps(point.value)} was refused: {e.text} ({e.name})") from None
        await self.node.request("read", f"{self.module}:status")
        try:
            async with asyncio.timeout(self.args.timeout):
                await self.begin()
                while self.is_busy():
                    show(f"{self.module} to {json.dumps(point.value)}: {self.status[1]}, at {short(self.value)}")
                    self.changed.clear()
                    await self.until_changed()
        except TimeoutError:
            raise Problem(
                f"line {point.line}: {json.dumps(point.value)} is not reached within {self.args.timeout:g} s"
            ) from None
        if self.status[0] >= 400:
            raise Problem(f"line {point.line}: {self.module} is in an error state: {self.status[1]}")
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

    def is_busy(self):
        # from 390 on it is finalizing: the value is there (accessibles.rst, "Status codes")
        return 300 <= self.status[0] < 390

    async def row(self, point):
        """What is written at a point, freshly read."""
        _, _, data = await self.node.request("read", f"{self.module}:value")
        value, t = data[0], data[1].get("t")
        when = datetime.datetime.fromtimestamp(t) if t else datetime.datetime.now()
        row = {"time": when.isoformat(sep=" ", timespec="milliseconds")}
        row |= columns("target", point.value) | columns("value", value)
        row |= {"status": self.status[0], "text": self.status[1]}
        for specifier in self.args.also:
            try:
                _, _, data = await self.node.request("read", specifier)
                row |= columns(specifier, data[0])
            except client.SECoPError as e:
                row[specifier] = e.name
        return row

    async def stop(self):
        try:
            await self.node.request("do", f"{self.module}:stop")
        except (Problem, client.SECoPError) as e:
            print(f"{self.module} could not be stopped: {e}", file=sys.stderr)


def columns(name, value):
    """A value as columns of the table: one for each element or member."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        return {k: v for key, member in value.items() for k, v in columns(f"{name}_{key}", member).items()}
    return {name: value}


def short(value):
    """A value in few digits."""
    if isinstance(value, list):
        return "[" + ", ".join(map(short, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value)
