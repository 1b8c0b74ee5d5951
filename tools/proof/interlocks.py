"""The fault table of a user's own node: each of its interlocks, tried in every way that it may trip."""

import json
import subprocess
import sys

from .. import paths
from ..build import micropython
from ..image import image
from ..problem import Problem

SOON = 0.3  # s that an interlock may take, from the value to what it does
LEVELS = ("cpython", "micropython")


def run(node):
    """{level: [what happened, as boards/HOST/trial/interlocks.py says it]} of a node. Raises Problem."""
    folder = image.build(node)
    python = {"cpython": [sys.executable, "-B", "-u"], "micropython": [str(micropython.micropython())]}
    script = paths.BOARDS / "HOST" / "trial" / "interlocks.py"
    found = {}
    for level in LEVELS:
        command = [*python[level], str(script), str(folder), str(paths.BOARDS / "HOST"), str(paths.SHIMS)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600)
        try:
            found[level] = json.loads(done.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            raise Problem(f"{node} could not be tried at {level}:\n{done.stderr[-2000:]}") from None
    return found


def wrong(trial):
    """What a trial has shown that must not be, as words."""
    if trial["tripped"] is None:
        yield "it does not trip"
    elif trial["tripped"] > SOON:
        yield f"it takes {trial['tripped']:.2f} s"
    yield from trial["acts"]
    for key, words in (("forbids", "a target is taken"), ("stays", "it ends before its cause"), ("clears", "it does not end")):
        if not trial[key]:
            yield words


def table(found):
    """The table, in Markdown: a line for each fault."""
    lines = ["| interlock | fault | " + " | ".join(LEVELS) + " |", "|---" * (2 + len(LEVELS)) + "|"]
    for trials in zip(*(found[level] for level in LEVELS), strict=True):
        cells = ["**" + ", ".join(wrong(t)) + "**" if any(wrong(t)) else f"trips within {t['tripped']:.2f} s" for t in trials]
        lines.append(f"| {trials[0]['interlock']} | {trials[0]['fault']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
