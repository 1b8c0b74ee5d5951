"""The tables of what can be connected, in README.md and docs/modules.md: made of what drivers, nodes and boards declare.

python -m host_tests.docs.made        writes them
"""

import ast
import re

from tools import paths
from tools.image import boards
from tools.image.compose import catalogue
from tools.image.stated import of_docstring

README, MODULES, COMPOSE = (paths.ROOT / name for name in ("README.md", "docs/modules.md", "docs/compose.md"))
_BEGIN, _END = "<!-- made by host_tests/docs/made.py -->\n", "<!-- end of what is made -->\n"
_NAME = re.compile(r"[A-Z][A-Za-z]*\d\w*(?:, [A-Z][A-Za-z]*\d\w*)*")  # SHT30, SHT31, SHT35


def drivers():
    """[(file's name, {"title": ..., "bus": ...}, its catalogue.Things)] of drivers/, of each file that has any."""
    things = list(catalogue.things().values())
    found = []
    for path in sorted((paths.FIRMWARE / "drivers").glob("*.py")):
        declared = of_docstring(ast.get_docstring(ast.parse(path.read_text("utf-8"))))
        ours = [thing for thing in things if thing.module == f"drivers.{path.stem}"]
        if "bus" in declared or ours and "device" not in {key for thing in ours for key in thing.keys}:
            found.append((path.stem, declared, ours))
    return found


# ---- README: by what somebody looks for


def chip(title):
    """`Sensirion SHT30: temperature and humidity, by I2C` as `SHT30: temperature and humidity`."""
    name, _, what = title.partition(": ")
    return f"{_NAME.search(name)[0]}: {re.sub(', by (I2C|SPI).*', '', what)}"


def _is_thermometer(things):
    return all(thing.role == "sensor" or thing.quantities == ("temperature",) for thing in things)


def connectable():
    """README's table as Markdown."""
    chips = [(declared, things) for _, declared, things in drivers() if "bus" in declared]
    roles = {thing.role: [] for _, _, things in drivers() for thing in things}
    for _, declared, things in drivers():
        if things and "bus" not in declared and {"pin", "source", "output"} & set(things[0].keys):
            roles[things[0].role].append(sentence(declared["title"]))
    modules = {thing.name: thing.title for thing in catalogue.things().values() if thing.is_module}
    outputs = [chip(declared["title"]) for declared, things in chips if things and things[0].role == "analogue"]
    others = [chip(declared["title"]) for declared, things in chips if not _is_thermometer(things)]
    rows = [
        ("temperature", [chip(d["title"]) for d, things in chips if _is_thermometer(things)] + roles["sensor"], "sensors"),
        ("other sensor chips", [text for text in others if text not in outputs], "sensors"),
        ("at a pin", roles["quantity"] + roles["contact"] + roles["pulses"], "pins"),
        ("outputs", outputs + roles["analogue"] + roles["switch"] + [modules["valve"], modules["motor"]], "pins"),
        ("heaters", roles["heater"], "heater"),
        ("instruments", [*instruments(), "Any other one with lines of text or Modbus RTU, by its manual"], "instruments"),
    ]
    lines = ["| what | which | |", "|---|---|---|"]
    lines += [f"| {what} | {'<br>'.join(texts)} | [more](docs/{page}.md) |" for what, texts, page in rows]
    lines += [f"| boards | {'<br>'.join(by_network())} | [more](boards/README.md) |"]
    return "\n".join(lines) + "\n"


def sentence(title):
    return title.partition(". ")[0]


def instruments():
    """What the nodes with an instrument say of it."""
    found = []
    for path in sorted((paths.FIRMWARE / "nodes").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if any(isinstance(n, ast.ImportFrom) and n.module.startswith("instruments.") for n in ast.walk(tree)):
            found.append(re.split(r" by | at |: | \(", ast.get_docstring(tree))[0].removeprefix("A "))
    return [text[0].upper() + text[1:] for text in found]


def by_network():
    """The boards, by how clients reach them beside USB and UART."""
    ways = {"Wi-Fi": [], "Ethernet": [], "USB and UART only": []}  # an Ethernet board may have Wi-Fi as well
    for name in boards.names():
        text = boards.file(name).read_text("utf-8")
        way = next((way for way, flag in (("Ethernet", "ETHERNET"), ("Wi-Fi", "WIFI")) if f"\n{flag} = True" in text), None)
        ways[way or "USB and UART only"].append(name)
    return [f"{way}: {', '.join(names)}" for way, names in ways.items()]


# ---- docs/modules.md: by where it is


def listed():
    """The tables of docs/modules.md as Markdown."""
    rows = {}
    for name, thing in catalogue.things().items():
        kind = "Modules" if thing.is_module else "Instruments" if thing.role == "device" else "Drivers"
        if "device" not in thing.keys or kind != "Drivers":  # else it is a base
            rows.setdefault(kind, {}).setdefault(thing.module, []).append((name, thing))
    lines = []
    for kind in ("Modules", "Drivers", "Instruments"):
        lines += ["", f"### {kind}", "", "| in TOML | in Python | what it is |", "|---|---|---|"]
        for module, those in sorted(rows[kind].items()):
            names = ", ".join(f"`{name}`" for name, _ in those)
            classes = ", ".join(dict.fromkeys(thing.cls for _, thing in those))
            lines.append(f"| {names} | `from {module} import {classes}` | {sentence(those[0][1].title)} |")
    return "\n".join([*lines, "", ""])


def pages():
    """{path: the page as it should be}."""
    found = {}
    for path, table in ((README, "\n" + connectable() + "\n"), (MODULES, listed())):
        before, _, rest = path.read_text("utf-8").partition(_BEGIN)
        found[path] = before + _BEGIN + table + _END + rest.partition(_END)[2]
    return found


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")
