"""Prove that the heater is safe: every fault in every phase, on the simulated board; writes docs/safety.md's table.

With FILE, a node of your own, it tries that one's heaters and interlocks, and writes their tables beside it.
"""

from pathlib import Path

from ..problem import Problem
from ..proof import faults, heaters, interlocks, pictures, report


def add_arguments(parser):
    parser.add_argument("file", nargs="?", help="a node of your own, .toml or .py: try its heaters and interlocks")
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
    """The tables of a user's node: its heaters, and its interlocks."""
    page = Path(node).with_suffix(".faults.md") if node.endswith((".py", ".toml")) else Path(f"{node}.faults.md")
    about = heaters.look(node)
    locks = interlocks.run(node)
    if not about and not any(locks.values()):
        raise Problem(f"{node} has neither a heater nor an interlock: there is nothing to try")
    parts = [f"# What breaks {Path(node).name}, and what it does then"]
    wrong = 0
    for heater in about:
        found = heaters.run(heater, node)
        wrong += sum(any(heaters.judge(cell, one) for one in seen.values()) for cell, seen in found)
        parts += [f"## Heater {heater['name']}", heaters.plant(heater), heaters.table(found)]
    if not about:
        parts.append("It has no heater.")
    trials = [trial for level in locks.values() for trial in level]
    wrong += sum(any(interlocks.wrong(trial)) for trial in trials)
    parts += ["## Interlocks", interlocks.table(locks)] if trials else ["It has no interlocks."]
    text = "\n\n".join(parts) + "\n"
    try:
        page.write_text(text, "utf-8")
    except OSError as e:
        raise Problem(f"{page} can't be written: {e.strerror}") from None
    print(text)
    print(f"{page} is written: " + (f"{wrong} rows deviate from what is expected" if wrong else "all as expected"))
    return 1 if wrong else 0
