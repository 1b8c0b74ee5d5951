"""A fixed part of the fault table, and whether the whole one in docs/ is of the present code (`make report` makes it)."""

import re
from pathlib import Path

import pytest

from host_tests import harness
from tools.__main__ import main
from tools.proof import faults, report

# KiB: what stands beside the board is in it too, and takes more than 96. Frozen, the firmware has what a board has; elsewhere
# it is loaded as well: with more, the collector does not take most of a trial's time
_HEAPS = {"frozen": 192 + 96, "board-like": 4096}
_ROOMY = ["-X", "heapsize=16m"]
CELLS = list(faults.cells())
_PHASES = list(faults.PHASES)
_FAULTS = list(faults.FAULTS)


def chosen(cell):
    """While it heats, and in one other phase, each fault in another one."""
    others = [phase for phase in _PHASES if phase != "heating"]
    return cell.phase in ("heating", others[_FAULTS.index(cell.fault) % len(others)])


@pytest.fixture(scope="session")
def trials(level):
    return trials_of(level, faults.NODE)


def trials_of(level, node):
    folder, (python, *words) = harness.power_on(level, node, slim=False)
    start = next(Path(word) for word in words if word.endswith("start.py"))
    if level in harness.HEAPS:
        python = harness.interpreter(level, _HEAPS[level])
    trials = faults.Trials(python, folder, start.parent)
    trials._command = harness.with_bytecode(trials._command)
    if level == "micropython":
        trials._command[1:1] = _ROOMY
    return trials


@pytest.mark.parametrize("cell", [c for c in CELLS if chosen(c)], ids=lambda c: c.name)
def test_a_fault_ends_as_expected(trials, level, cell):
    if level in harness.HEAPS and cell.phase != "heating":
        return
    found = trials.run(cell)
    assert not faults.judge(cell, found), found


OTHERS = [
    cell for cell in faults.others()
    if cell.phase == "heating" or cell.phase != "holding" and cell.group not in ("furnace", "power supply")
]  # fmt: skip


@pytest.mark.parametrize("cell", OTHERS, ids=lambda c: c.name)
def test_a_fault_of_another_node_ends_as_expected(level, cell):
    if level in harness.HEAPS:
        return  # the node itself runs there: host_tests/wire/test_relay.py, test_two_ovens.py
    found = trials_of(level, cell.node).run(cell)
    assert not faults.judge(cell, found), found


@pytest.mark.parametrize(
    "wrong",
    [{"on": True}, {"off": 9.0}, {"status": [400, "x"]}, {"status": [200, "x"]}, {"block": 41.1}, {"block": 38.9}],
    ids=lambda wrong: "-".join(wrong),
)
def test_harm_to_the_other_oven_is_found(wrong):
    fine = {"on": False, "off": 0.5, "status": [100, "at target"], "block": 40.0}
    for what in ("ends", "off"):
        cell = next(c for c in faults.others() if c.group == "two ovens" and c.what == what)
        assert [words for good, words in faults._claims_of_the_other(cell, fine) if not good] == []
        bad = [words for good, words in faults._claims_of_the_other(cell, {**fine, **wrong}) if not good]
        assert bool(bad) == (bool({"on", "off"} & set(wrong)) == (what == "ends"))


def test_every_other_cell_names_what_is_expected():
    cells = list(faults.others())
    assert len({cell.name for cell in cells}) == len(cells)
    assert {cell.fault for cell in cells} <= set(faults.FAULTS) | set(faults.FAULTS_OF_OTHERS)
    assert all(cell.limit for cell in cells if cell.what not in ("on", "resumes", "cold", "blind", "bounded"))
    assert all(cell.says for cell in cells if cell.what not in ("on", "resumes"))


def test_a_trial_ends_the_same_way_twice(trials, tmp_path):
    cell = next(c for c in CELLS if c.name == "adc_glitch-holding")
    assert trials.once(cell.plan(), tmp_path) == trials.once(cell.plan(), tmp_path)


def test_the_tables_in_docs_are_of_the_present_code():
    assert report.check() == 0, "run `make report`"


def test_every_cell_names_what_is_expected():
    assert len(CELLS) == len(_FAULTS) * len(_PHASES)
    assert {cell.what for cell in CELLS} == {"off", "dead", "on", "cold", "less", "warns", "told", "bounded", "ends", "resumes"}
    assert all(cell.limit for cell in CELLS if cell.what in ("off", "dead", "less", "warns", "told", "ends"))
    assert all(cell.says for cell in CELLS if cell.what in ("off", "dead", "less", "warns", "told", "ends"))


WHOLE = {
    "levels": [0], "peak": 60.0, "block": 60.0, "on": False, "off": 0.5, "told": 1.0, "text": "its wire is open",
    "status": [400, "its wire is open"], "code": 0, "jitter": 1, "refused": "IsError", "checked": "checked",
    "cleared at once": "error_do", "cleared": "done", "off again": True, "heats again": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"levels": [1]}, {"peak": 130.1}, {"on": True}, {"off": 2.1}, {"told": 2.1}, {"told": None}, {"text": "something"},
        {"status": [100, ""]}, {"code": 2}, {"refused": None}, {"checked": "error_check"}, {"cleared": "error_do"},
        {"cleared at once": "done"}, {"off again": False}, {"heats again": False},
    ],
    ids=lambda wrong: "-".join(wrong),
)  # fmt: skip
def test_a_deviation_is_found(wrong):
    cell = next(c for c in CELLS if c.name == "sensor_open-heating")
    assert faults.judge(cell, WHOLE) == []
    assert faults.judge(cell, {**WHOLE, **wrong})


def test_what_deviates_is_said_and_fails(monkeypatch, capsys):
    """As `secnode report --only adc_glitch-idle` shows it, which writes nothing."""
    before = {path: path.read_bytes() for path in (harness.ROOT / "docs").rglob("*") if path.is_file()}
    assert main(["report", "--only", "adc_glitch-idle"]) == 0
    assert re.fullmatch(r"2 trials, .*\n", capsys.readouterr().out)
    row = next(line for line in faults.EXPECTED.splitlines() if line.startswith("adc_glitch"))
    monkeypatch.setattr(faults, "EXPECTED", faults.EXPECTED.replace(row, row.replace("|on ", "|off 2 ") + "odd"))
    assert main(["report", "--only", "adc_glitch-idle"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"adc_glitch-idle at micropython: .*\bNone s", said)
    assert re.search(r"\n2 trials, 2 .*\n\Z", said)
    assert before == {path: path.read_bytes() for path in (harness.ROOT / "docs").rglob("*") if path.is_file()}


def test_a_table_of_other_code_is_found(monkeypatch, capsys):
    monkeypatch.setattr(faults, "EXPECTED", faults.EXPECTED + " ")
    assert main(["report", "--check"]) == 1
    assert harness.mentions(capsys.readouterr().err, "fault-table.md", "safety.md", "`make report`")


def test_the_fingerprint_is_of_the_code_and_not_of_its_comments():
    words = list(report._words('"""What it is."""\n\ndef f(x):\n    """Does."""\n    return x + 1  # more\n'))
    assert words == list(report._words("def f(x):\n\n  return (x\n + 1)\n".replace("(x\n + 1)", "x + 1")))
    assert words != list(report._words("def f(x):\n    return x + 2\n"))
    names = {path.relative_to(harness.ROOT).as_posix() for path in report.sources()}
    assert {"firmware/control/guard.py", "firmware/modules/oven.py", "boards/HOST/plant.py", "firmware/running.py"} <= names
    assert {"boards/HOST/chips/model_max31856.py", "boards/HOST/chips/model_mcp4725.py", "boards/HOST/chips/models.py"} <= names
    assert not any(name.startswith(("firmware/secnode", "firmware/transport")) for name in names)


def test_a_lower_power_limit_holds_at_once(nodes):
    """Not a fault: the guard must not find the old power above the new limit."""
    # faster, and a machine that stalls for a moment lets the node's own time-outs trip
    with nodes("example_heater", speed=5).connect() as wire:
        try:
            assert wire.ask("change heater:_maxheaterpower 100").startswith("changed")
            for _ in range(10):
                wire.ask("change heater:target 110")
                wire.lines(0.1)
                assert wire.ask("change heater:_maxheaterpower 0").startswith("changed")
                wire.lines(0.1)
                status = harness.split(wire.ask("read heater:status"))[2][0]
                assert status[0] == 300, status
                assert wire.ask("change heater:_maxheaterpower 100").startswith("changed")
        finally:
            wire.ask("change heater:_maxheaterpower 50")
            wire.ask("do heater:stop")
