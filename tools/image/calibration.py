"""A sensor's calibration, from a .340 or a CSV file, checked and made into a module for the board (drivers/calibration.py).

A .340 file is what Lake Shore delivers with a sensor, for its instruments: a header, then number, value and temperature in K in
each line. Its data format says of what: 1 mV, 2 V, 3 Ohm, 4 log10(Ohm), 5 log10(Ohm) over log10(K).
"""

import csv
import io
import math
import re
from itertools import pairwise
from pathlib import Path

from .. import foreign
from ..problem import Problem

MADE = "# made by `secnode curve`, from "
_MOST = 1000  # points, 8 KB
_BIG = 1 << 29  # a small integer of MicroPython's has 31 bits
_HOTTEST = 3000  # K
_FORMATS = {"1": ("mV", 0), "2": ("V", 0), "3": ("Ohm", 0), "4": ("Ohm", 1), "5": ("Ohm", 2)}
_HEADER = re.compile(r"\s*([A-Za-z][A-Za-z. ]*?)\s*:\s*(.*?)\s*$")
# a unit at the end of a column's heading: T [K], R/Ohm, temperature (degC), log10(R/Ohm)
_UNIT = re.compile(r"([a-zµμ°Ωω℃]+)[\s\])]*$", re.IGNORECASE)
_UNITS = {
    "k": ("K", 1), "kelvin": ("K", 1), "°c": ("°C", 1), "℃": ("°C", 1), "degc": ("°C", 1), "celsius": ("°C", 1), "c": ("°C", 1),
    "ohm": ("Ohm", 1), "ohms": ("Ohm", 1), "ω": ("Ohm", 1), "kohm": ("Ohm", 1e3), "kω": ("Ohm", 1e3), "v": ("V", 1),
    "volt": ("V", 1), "volts": ("V", 1), "mv": ("V", 1e-3), "uv": ("V", 1e-6),
}  # fmt: skip
_ZERO = 273.15


class Point:
    """A point: its line in the file, the columns of value and temperature there, and both as the board has them."""

    def __init__(self, line, columns, x, y):
        self.line = line
        self.columns = columns
        self.x = x
        self.y = y


class Curve:
    """`unit` "Ohm" or "V"; `log` as drivers.calibration.Calibration has it; `points` by rising x; `title`, text of the file."""

    def __init__(self, path, title, unit, log, points):
        self.path = path
        self.title = title
        self.unit = unit
        self.log = log
        self.points = points
        self.x, self.per_x = _integers(path, points, "x")
        self.y, self.per_y = _integers(path, points, "y")

    def ends(self):
        """(value in unit, temperature in K) of both ends."""
        return [(10**p.x if self.log else p.x, 10**p.y if self.log == 2 else p.y) for p in (self.points[0], self.points[-1])]

    def module(self):
        """The source of the module."""
        words = re.sub(r"[^ -~]|[\\\"]", "?", self.title)  # what a file says is text, never code
        lines = [
            f'"""{words.strip()}."""',
            "",
            f"{MADE}{re.sub(r'[^ -~]', '?', self.path.name)}: make it anew, don't change it",
            "from drivers.calibration import Calibration",
            "",
            "curve = Calibration(",
            f'    "{self.unit}",',
            f"    {self.log},",
            *_tuple(self.x),
            *_tuple(self.y),
            f"    {self.per_x},",
            f"    {self.per_y},",
            ")",
        ]
        return "\n".join(lines) + "\n"


def _integers(path, points, axis):
    """The values of an axis as integers, and per what."""
    values = [getattr(point, axis) for point in points]
    per = 10 ** min(9, math.floor(math.log10(_BIG / max(map(abs, values)))))
    whole = [round(value * per) for value in values]
    for i, (a, b) in enumerate(pairwise(whole)):
        if a == b:
            _refuse(path, points[i], points[i + 1], axis, f"too near to its neighbour's {values[i]:.10g}")
    return whole, per


def _refuse(path, a, b, axis, text):
    """Of two neighbours name the one that comes later in the file."""
    late = max(a, b, key=lambda point: point.line)
    raise Problem(f"{path}, line {late.line}, column {late.columns[axis == 'y']}: {text}")


def _tuple(numbers):
    yield "    ("
    for i in range(0, len(numbers), 10):
        yield f"        {', '.join(map(str, numbers[i : i + 10]))},"
    yield "    ),"


def read(path):
    """The Curve of a file.

    Raises Problem, with line and column, for what is none, and where it does not rise everywhere or fall everywhere.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as e:
        raise Problem(f"{path} can't be read: {e.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # older programs' ° and Ω
    if "\0" in text:
        raise Problem(f"{path} is no text")
    if len(text) > 1_000_000:
        raise Problem(f"{path} is too long for a curve")
    title, unit, log, points, falls = (_of_340 if path.suffix.lower() in (".340", ".330") else _of_csv)(path, text)
    if len(points) < 2:
        raise Problem(f"{path} has {len(points) or 'no'} point{'' if len(points) == 1 else 's'}: a curve has two or more")
    if len(points) > _MOST:
        raise Problem(f"{path} has {len(points)} points, and a board has room for {_MOST}: leave some out")
    points.sort(key=lambda point: point.x)
    found = points[-1].y < points[0].y
    if falls is not None and found != falls:
        text = f"the header says that its temperature coefficient is {'negative' if falls else 'positive'}"
        raise Problem(f"{path}: {text}, and it is {'negative' if found else 'positive'}")
    text = f"the temperature does not {'fall' if found else 'rise'} here as it does from end to end: the curve is not monotonic"
    for a, b in pairwise(points):
        if a.x == b.x:
            _refuse(path, a, b, "x", "the value is there twice")
        if a.y == b.y or (b.y < a.y) != found:
            _refuse(path, a, b, "y", text)
    return Curve(path, title, unit, log, points)


def _number(text, where):
    if not foreign.is_plain_number(text) or not math.isfinite(float(text)):
        raise Problem(f"{where}: {foreign.clean(text)!r} is no number")
    return float(text)


def _checked(value, kelvin, unit, wheres):
    """A value in ohm or V and a temperature in K, as a sensor may have them."""
    if not 0 < kelvin <= _HOTTEST:
        raise Problem(f"{wheres[1]}: {kelvin:g} K is no temperature of a sensor")
    if not (1e-6 <= value <= 1e12 if unit == "Ohm" else -100 <= value <= 100):
        raise Problem(f"{wheres[0]}: no sensor has {value:g} {unit}")


def _of_340(path, text):
    header = {}
    points = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    for at, line in enumerate(lines):
        if line.strip().lower().startswith("no."):
            break
        found = _HEADER.match(line)
        if found:
            header[found[1].lower()] = at + 1, found[2]
        elif line.strip():
            raise Problem(
                f"{path}, line {at + 1}: this is neither `name: value`, as in the header, nor the headings of the points"
            )
    else:
        raise Problem(f"{path} is no .340 file: no line begins with `No.`, the headings of the points")
    if "data format" not in header:
        raise Problem(f"{path}: the header has no `Data Format:`, which says what the values are")
    number, said = header["data format"]
    if said[:1] not in _FORMATS or said[1:2].isdigit():
        raise Problem(f"{path}, line {number}: {foreign.clean(said)[:30]!r} is no data format of a sensor: 1 to 5 are")
    unit, log = _FORMATS[said[0]]
    scale = 1e-3 if unit == "mV" else 1
    unit = "V" if unit == "mV" else unit
    for number, line in enumerate(lines[at + 1 :], at + 2):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 3:
            raise Problem(f"{path}, line {number}: {len(cells)} columns, not 3: number, value, temperature")
        wheres = [f"{path}, line {number}, column {i}" for i in (1, 2, 3)]
        if _number(cells[0], wheres[0]) != len(points) + 1:
            raise Problem(f"{wheres[0]}: point {foreign.clean(cells[0])} comes where {len(points) + 1} should")
        x = _number(cells[1], wheres[1]) * scale
        y = _number(cells[2], wheres[2])
        if (log and not -6 <= x <= 12) or (log == 2 and not -6 <= y <= 4):
            raise Problem(f"{path}, line {number}: {x:g} and {y:g} are no logarithms of {unit} and K")
        _checked(10**x if log else x, 10**y if log == 2 else y, unit, wheres[1:])
        points.append(Point(number, (2, 3), x, y))
    number, said = header.get("number of breakpoints", (0, str(len(points))))
    if said != str(len(points)):
        raise Problem(f"{path}, line {number}: the header says {foreign.clean(said)[:30]} points, and there are {len(points)}")
    falls = {"1": True, "2": False}.get(header.get("temperature coefficient", (0, ""))[1][:1])
    name = " ".join(header[key][1] for key in ("sensor model", "serial number") if key in header)
    return f"Calibration of {name or path.stem}", unit, log, points, falls


def _of_csv(path, text):
    heading = next((line for line in text.split("\n") if line.strip() and not line.startswith("#")), "")
    delimiter = max(";\t,", key=heading.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    columns = None
    points = []
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if columns is None:
                columns = _columns(cells, f"{path}, line {rows.line_num}")
                continue
            values = []
            for index, unit, scale, log in columns:
                where = f"{path}, line {rows.line_num}, column {index + 1}"
                if index >= len(cells):
                    raise Problem(f"{where}: there is nothing")
                cell = cells[index].replace(",", ".") if delimiter != "," else cells[index]
                value = _number(cell, where)
                if log and not -6 <= value <= 12:
                    raise Problem(f"{where}: {value:g} is no logarithm of {unit}")
                value = (10**value if log else value) * scale + (_ZERO if unit == "°C" else 0)
                values.append(value)
            wheres = [f"{path}, line {rows.line_num}, column {index + 1}" for index, *_ in columns]
            _checked(*values, columns[0][1], wheres)
            points.append(Point(rows.line_num, [index + 1 for index, *_ in columns], *values))
    except csv.Error as e:
        raise Problem(f"{path}, line {rows.line_num}: this is no CSV: {e}") from None
    if columns is None:
        raise Problem(f"{path} is empty")
    unit = columns[0][1]
    log = 0
    ends = sorted(points, key=lambda point: point.x)
    if unit == "Ohm" and points and ends[-1].y < ends[0].y:
        log = 2  # what falls does so by orders of magnitude
        for point in points:
            point.x, point.y = math.log10(point.x), math.log10(point.y)
    return f"Calibration by {path.name}", unit, log, points, None


def _columns(cells, where):
    """Of the headings, the columns of value and temperature: (index, unit, scale, whether it is a logarithm) each."""
    found = []
    for index, cell in enumerate(cells):
        unit = _UNIT.search(cell)
        known = unit and _UNITS.get(unit[1].lower().replace("µ", "u").replace("μ", "u"))
        if known:
            found.append((index, *known, cell.lower().startswith("log")))
    temperatures = [column for column in found if column[1] in ("K", "°C") and not column[3]]
    values = [column for column in found if column[1] in ("Ohm", "V")]
    if len(temperatures) != 1 or len(values) != 1 or (values[0][3] and values[0][1] != "Ohm"):
        text = "the first line has to name a column of temperature and one of the sensor by their units, e.g. T [K], R [Ohm]"
        raise Problem(f"{where}: {text}; it has {foreign.clean(', '.join(cells))[:80]}")
    return values[0], temperatures[0]
