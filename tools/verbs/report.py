"""Prove that the heater is safe: every fault in every phase, on the simulated board; writes docs/safety.md's table."""

from ..problem import Problem
from ..proof import faults, pictures, report


def add_arguments(parser):
    parser.add_argument("--check", action="store_true", help="only look whether the table is of the present code")
    parser.add_argument("--only", default="", help="faults, phases or cells (sensor_open-holding), with commas; writes nothing")


def main(args):
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
