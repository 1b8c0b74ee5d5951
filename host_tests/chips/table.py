"""The table of docs/sensors.md, made of what the drivers of chips declare in their docstrings.

python -m host_tests.chips.table        writes it
"""

import ast
import re

from tools import paths

PAGE = paths.ROOT / "docs" / "sensors.md"
KEYS = ("bus", "range", "reading", "memory", "faults")
_BEGIN, _END = "<!-- made by host_tests/chips/table.py -->\n", "<!-- end -->\n"


def declared(path):
    """What a driver declares: {"title", "bus", ...}, texts; None where it declares nothing, as what others are built upon."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    found = {"title": text.partition("\n")[0].rstrip("."), "class": path.stem}
    for key in KEYS:
        entry = re.search(rf"^    {key}: (.*(?:\n        .*)*)", text, re.M)
        if entry:
            found[key] = re.sub(r"\s+", " ", entry[1])
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
