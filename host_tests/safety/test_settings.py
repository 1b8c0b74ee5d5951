"""Whatever stands in settings.json, the node starts, and the heater heats only where that is a target it may have."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from host_tests import harness
from tools.proof import faults

NAMES = {
    "node": ["clients", "ended"],
    "uart": ["baudrate"],
    "wifi": ["ssid", "password", "country", "hostname"],
    "ntp": ["server"],
    "access": ["tcp", "uart", "console"],
    "heater": [
        "resume", "resumed", "target", "target_limits", "ramp", "ramp_enable", "offset", "_maxheaterpower", "_ctrlpars",
        "_tolerance", "_settling_time", "_timeout", "_deadman", "_guard", "_allowed_range",
    ],
    "heater_power": ["target"],
    "x": ["y"],
}  # fmt: skip
_NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e6, 1e6) | st.integers(-10, 130)
_PLAIN = st.none() | st.booleans() | _NUMBERS | st.text(st.characters(codec="utf-8"), max_size=70)
_VALUES = st.recursive(
    _PLAIN, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from(["p", "gain", "creep", "?"]), v), max_leaves=4
)
FILES = st.fixed_dictionaries(
    {}, optional={s: st.dictionaries(st.sampled_from(names), _VALUES, min_size=1) for s, names in NAMES.items()}
)


@pytest.fixture(scope="module")
def trials(level):
    if level in harness.HEAPS:
        pytest.skip("it is Python's logic, and a start takes long there")
    folder, (python, *_) = harness.power_on(level, faults.NODE)
    trials = faults.Trials(python, folder)
    trials._command = harness.with_bytecode(trials._command)
    return trials


def start(trials, folder, values):
    (folder / "settings.json").write_text(json.dumps(values), "utf-8")
    return trials.once({"phase": "again", "fault": "none", "seconds": 3, "resume": True}, folder)


@given(values=FILES)
@budget(max_examples=25)
def test_any_settings(trials, tmp_path_factory, values):
    found = start(trials, tmp_path_factory.mktemp("kept"), values)
    assert found["code"] == 0, found
    kept = values.get("heater", {})
    target = kept.get("resume")
    may = type(target) in (int, float) and 0 <= target <= 120 and values.get("node", {}).get("ended") is None
    assert may or not found["on"], found
    if "access" not in values:
        assert found["started"].startswith("power on") and found["status"] is not None, found


@pytest.mark.parametrize("value", [5, True, [], {}, "hot", 1e300, -1, 121, None])
@pytest.mark.parametrize(
    ("section", "name"),
    [("node", "ended"), ("node", "clients"), ("heater", "resume"), ("heater", "resumed"), ("uart", "baudrate")],
)
def test_a_value_of_the_wrong_kind(trials, tmp_path, section, name, value):
    found = start(trials, tmp_path, {section: {name: value}})
    assert found["code"] == 0 and found["started"].startswith("power on") and found["status"] == [100, "off"] or (
        (name, value) == ("resume", 5) and found["status"][0] in (100, 380)
    ), found  # fmt: skip


@pytest.mark.parametrize("resumed", ["hot", -5, 999999, 1000000, 1.5, True, [1]])
def test_a_count_of_the_wrong_kind_does_not_keep_it_from_resuming(trials, tmp_path, resumed):
    found = start(trials, tmp_path, {"heater": {"resume": 60, "resumed": resumed}})
    assert found["on"] and type(json.loads((tmp_path / "settings.json").read_text())["heater"]["resumed"]) is int
