"""A heater that a relay switches is regulated as well as one by PWM, in virtual time: the two periods do not meet."""

from pathlib import Path

import pytest

from host_tests import harness
from tools.proof import faults

level = harness.level_fixture(*harness.LEVELS)
_ARRIVED = 150  # s after the target was set
_WATCHED = 300  # s from there


# the last one's relay switches where the mains' voltage is zero, and the mains drift against the board's clock
@pytest.mark.parametrize(
    ("period", "mains", "band", "real"),
    [(0.5, 60, 0.2, 0), (2, 50, 0.5, 0), (2, 60, 0.5, 0), (0.5, 50, 0.2, 50.02), (2, 60, 0.5, 59.95)],
)
def test_it_stays_within_a_band(level, tmp_path, period, mains, band, real):
    """At 60 °C, the block itself in K, and the reading; and the guard has nothing to say."""
    node = tmp_path / "mine.toml"
    node.write_text(f'node = "relay_oven"\n[modules.heater]\nperiod = {period}\nmains = {mains}\n')
    folder, (python, *words) = harness.power_on(level, node, slim=False)
    (host,) = [word for word in words if str(word).endswith("start.py")]
    orders = [[5, "change heater:target 60"]]
    plan = {"phase": "curve", "orders": orders, "seconds": 5 + _ARRIVED + _WATCHED, "plant": {"mains": real}}
    found = faults.Trials(python, folder, Path(host).parent).once(plan, tmp_path)
    assert found["status"] == [100, "at target"]
    curve = found["curve"][2 * (5 + _ARRIVED) :]
    blocks = [row[3] for row in curve]
    readings = [row[0] for row in curve]
    assert 60 - band < min(blocks) and max(blocks) < 60 + band, (min(blocks), max(blocks))
    assert 59.7 < min(readings) and max(readings) < 60.3, (min(readings), max(readings))
    assert {row[4] for row in curve} == {0, 100}  # as a relay gives it
    assert max(row[3] for row in found["curve"]) < 61
