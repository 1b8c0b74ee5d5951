"""`make bench`: what a node costs, against its budgets. Ends with 1 where a must is missed, or something costs more."""

import argparse
import platform
import sys
import time

from host_tests.bench import chips, growth, memory, speed
from tools import paths
from tools.build import micropython
from tools.problem import Problem

_PARTS = ("memory", "chips", "speed", "growth")


def main():
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_PARTS)}; all unless it is said")
    parser.add_argument("--soak", type=float, default=120, help="seconds of work before the heap is looked at (%(default)g)")
    parser.add_argument("--ratchet", action="store_true", help="make what was measured the budget, where it is better")
    parser.add_argument("--publish", action="store_true", help="write the tables and the picture into docs/performance.md")
    args = parser.parse_args()
    parts = args.parts or _PARTS
    if set(parts) - set(_PARTS):
        parser.error(f"the parts are {', '.join(_PARTS)}")
    tables, text = [], {}
    print(machine())
    if "memory" in parts:
        print("memory, board-like:")
        tables.append(memory.measure(args.soak))
        text["memory"] = tables[-1].markdown()
    if "chips" in parts:
        print("ten chips, board-like and on an emulated RP2040:")
        tables.append(chips.measure())
        text["chips"] = tables[-1].markdown()
    if "speed" in parts:
        print("speed, this machine:")
        tables.append(speed.measure())
        text["speed"] = tables[-1].markdown()
    if "growth" in parts:
        curves = growth.measure()
        text["growth"] = growth.text(curves)
        picture = paths.build_dir() / "bench" / "growth.png"
        growth.draw(curves, paths.ROOT / "docs" / "pictures" / "growth.png" if args.publish else picture)
    print("\n" + "\n\n".join(text.values()))
    if args.ratchet:
        for table in tables:
            table.ratchet()
    if args.publish:
        publish(text)
    missed = [name for table in tables for name in table.missed()]
    for name in missed:
        print(f"missed: {name}")
    return 1 if missed else 0


def machine():
    """What the numbers are from."""
    with open("/proc/cpuinfo") as f:
        models = [line.split(":")[1].strip() for line in f if line.startswith("model name")]
    return (
        f"{time.strftime('%Y-%m-%d')}, {len(models)} x {models[0] if models else platform.machine()}, Python "
        f"{platform.python_version()}, MicroPython {micropython.wanted()}, frappy-core 0.20.9"
    )


def publish(text):
    """Put the tables into docs/performance.md, each between its marks."""
    path = paths.ROOT / "docs" / "performance.md"
    page = path.read_text()
    for part, table in {**text, "machine": machine()}.items():
        begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = before + begin + "\n" + table.strip() + "\n\n" + end + after
    path.write_text(page)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Problem as e:
        print(f"make bench: {e}", file=sys.stderr)
        sys.exit(2)
