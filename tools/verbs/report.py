"""Prove that the heater is safe: every fault in every phase, on the simulated board; writes docs/safety.md's table.

With FILE, a node of your own, it tries the interlocks of that, and writes their table beside it.
"""

from pathlib import Path

from ..problem import Problem
from ..proof import faults, interlocks, pictures, report


def add_arguments(parser):
    parser.add_argument("file", nargs="?", help="a node of your own, .toml or .py: try its interlocks")
    parser.add_argument("--check", action="store_true", help="only look whether the table is of the present code")
    parser.add_argument("--only", default="", help="faults, phases or cells (sensor_open-holding), with commas; writes nothing")


def main(args):
    if args.file:
        return own(args.file)
    if not report.SUMMARY.exists():
        raise Problem("this needs a checkout of the project: the tables are in its docs")
    if args.check:
        return report.check()
    only = args.only.split(",") if args.only else []
    if not only:
        pictures.need()
    cells = [c for c in report.all_cells() if not only or {c.fault, c.phase, c.name, c.group.replace(" ", "_")} & set(only)]
    trials = {node: report.at_levels(node) for node in dict.fromkeys(cell.node for cell in cells)}
    found = report.run(cells, trials)
    bad = [(cell, level, faults.judge(cell, seen[level])) for cell, seen in found for level in report.LEVELS]
    for cell, level, words in bad:
        for word in words:
            print(f"{cell.name} at {level}: {word}")
    count = sum(bool(words) for _, _, words in bad)
    if not only:
        report.write(found)
        pictures.draw(trials[faults.NODE]["micropython"], report.SUMMARY.parent / "pictures")
    print(f"{len(bad)} trials, {count} deviate from what is expected" if count else f"{len(bad)} trials, all as expected")
    return 1 if count else 0


def own(node):
    """The table of the interlocks of a user's node."""
    found = interlocks.run(node)
    if not any(found.values()):
        raise Problem(f"{node} has no interlocks")
    text = interlocks.table(found)
    page = Path(node).with_suffix(".faults.md")
    page.write_text(f"# What trips the interlocks of {Path(node).name}\n\n{text}\n", "utf-8")
    print(text)
    print(f"\n{page} is written")
    return 1 if any(any(interlocks.wrong(trial)) for trials in found.values() for trial in trials) else 0
