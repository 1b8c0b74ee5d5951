"""The table of docs/sensors.md, made of what the drivers of chips declare in their docstrings.

python -m host_tests.chips.table        writes it
"""

import ast

from tools import paths
from tools.image.stated import KEYS, of_docstring

PAGE = paths.ROOT / "docs" / "sensors.md"
_BEGIN, _END = "<!-- made by host_tests/chips/table.py -->\n", "<!-- end -->\n"


def declared(path):
    """What a driver declares: {"title", "bus", ...}, texts; None where it declares no bus, as what others are built upon."""
    found = of_docstring(ast.get_docstring(ast.parse(path.read_text("utf-8"))))
    return found if "bus" in found else None


def table():
    """The table as Markdown."""
    lines = ["| driver | chip | bus | range | reading | bytes in between | faults |", "|---|---|---|---|---|---|---|"]
    for path in sorted((paths.FIRMWARE / "drivers").glob("*.py")):
        found = declared(path)
        if found:
            cells = [f"`drivers.{path.stem}`", *(found[key] for key in ("title", *KEYS))]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def page():
    """The page as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    return before + _BEGIN + table() + _END + rest.partition(_END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
