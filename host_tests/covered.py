"""How much of firmware/ the tests ran: counted in the processes that run it under CPython."""

import io
import os
from pathlib import Path

from tools import paths

VARIABLE = "SECNODE_COVERAGE"  # of the environment: the folder where each process leaves what it ran
_IMAGES = paths.build_dir() / "image" / "HOST"
_SETTINGS = f"""
[run]
parallel = true
disable_warnings = no-data-collected
include =
    {paths.FIRMWARE}/*
    {_IMAGES}/*
"""


def words():
    """What stands before a script in the command of a CPython process, so that it is counted; nothing where nobody counts."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return []
    settings = Path(folder, "settings")
    if not settings.exists():
        beside = settings.with_suffix(f".{os.getpid()}")
        beside.write_text(f"{_SETTINGS}data_file = {folder}/data\n")
        beside.replace(settings)
    return ["-m", "coverage", "run", "--rcfile", str(settings)]


def of_firmware(path):
    """The file of firmware/ that was run, as itself or in the image of a node, where every line is where it was; else None."""
    path = Path(path)
    if path.is_relative_to(_IMAGES):
        path = paths.FIRMWARE.joinpath(*path.relative_to(_IMAGES).parts[1:])
    known = path.is_relative_to(paths.FIRMWARE) and path.exists() and path.parent != paths.FIRMWARE / "nodes"
    return str(path) if known else None


def report(folder):
    """A table of what ran, by file, and the whole; a file that nothing loaded counts as well."""
    import coverage

    whole = coverage.Coverage(data_file=None, include=[f"{paths.FIRMWARE}/*"], omit=[f"{paths.FIRMWARE}/nodes/*"])
    into = whole.get_data()
    for file in Path(folder).glob("data.*"):
        data = coverage.CoverageData(str(file))
        data.read()
        for path in data.measured_files():
            if found := of_firmware(path):
                into.add_lines({found: data.lines(path)})
    into.touch_files(str(path) for path in paths.FIRMWARE.rglob("*.py") if of_firmware(path))
    text = io.StringIO()
    whole.report(file=text, skip_empty=True)
    return text.getvalue().replace(f"{paths.ROOT}/", "")
