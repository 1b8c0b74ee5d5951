"""The tables of docs/sensors.md, made of what the drivers of chips declare in their docstrings.

python -m host_tests.chips.table        writes them
"""

import ast
import re

from tools import paths
from tools.image.stated import of_docstring

PAGE = paths.ROOT / "docs" / "sensors.md"
_BEGIN, _END = "<!-- made by host_tests/chips/table.py -->\n", "<!-- end -->\n"


def declared(path):
    """What a driver declares: {"title", "bus", ...}, texts; None where it declares no bus, as what others are built upon."""
    found = of_docstring(ast.get_docstring(ast.parse(path.read_text("utf-8"))))
    return found if "bus" in found else None


def wiring(text):
    """Its wires as code, and what else there is to know as sentences."""
    wires, *notes = text.split("; ")
    return ". ".join(f"`{wires}`" if i == 0 else note[0].upper() + note[1:] for i, note in enumerate([wires, *notes]))


def bus(text):
    """`I2C, 0x48 to 0x4B by the pin ADDR` and the supply, apart."""
    return re.sub(r";\s*", "; supply ", text, count=1)


_TABLES = (
    (("driver", "chip", "range", "faults"), lambda found: (found["title"], found["range"], found["faults"])),
    (("driver", "bus", "wiring"), lambda found: (bus(found["bus"]), wiring(found["wiring"]))),
    (("driver", "reading", "bytes"), lambda found: (found["reading"], found["memory"])),
)


def table():
    """The tables as Markdown."""
    drivers = {path.stem: declared(path) for path in sorted((paths.FIRMWARE / "drivers").glob("*.py"))}
    lines = []
    for heads, cells in _TABLES:
        lines += ["", "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
        lines += [f"| `drivers.{name}` | " + " | ".join(cells(found)) + " |" for name, found in drivers.items() if found]
    return "\n".join([*lines, "", ""])


def page():
    """The page as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    return before + _BEGIN + table() + _END + rest.partition(_END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
