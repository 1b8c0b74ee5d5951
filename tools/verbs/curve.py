"""Make a sensor's calibration, a .340 or CSV file, into a module that a node imports."""

import keyword
import re
from pathlib import Path

from ..image import calibration, travelling
from ..problem import Problem


def add_arguments(parser):
    parser.add_argument(
        "file", help="a .340 file, or a CSV file whose first line names both columns with units: T [K], R [Ohm]"
    )
    parser.add_argument("--output", metavar="MODULE.py", help="where to write it (beside FILE, by its name)")


def main(args):
    source = Path(args.file)
    curve = calibration.read(source)
    target = Path(args.output) if args.output else source.with_name(module_name(source.stem) + ".py")
    stem = target.stem
    if target.suffix != ".py" or not stem.isidentifier() or not stem.isascii() or keyword.iskeyword(stem):
        raise Problem(f"a node can't import {target.name}: letters, digits and _, then .py")
    if stem in travelling.of_firmware():
        raise Problem(f"{stem} is a name of the firmware's own: name another one with --output")
    try:
        if target.exists() and calibration.MADE not in target.read_text("utf-8", errors="replace"):
            raise Problem(f"{target} is there, and was not made from a curve: name another one with --output")
        target.write_text(curve.module(), "utf-8")
    except OSError as e:
        raise Problem(f"{target} can't be written: {e.strerror}") from None
    ends = " to ".join(f"{value:.5g} {curve.unit} at {kelvin:.5g} K" for value, kelvin in curve.ends())
    lines = ("straight", "log(R) over T", "log(R) over log(T)")[curve.log]
    print(f"{target}: {len(curve.points)} points, {ends}")
    print(f"between them: {lines}; {8 * len(curve.points)} bytes on a board. In the node: from {stem} import curve")
    return 0


def module_name(stem):
    """A name that a node can import."""
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "curve"
    return f"curve_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name
