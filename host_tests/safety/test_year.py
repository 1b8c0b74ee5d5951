"""A board that runs for a year: the ticks come round after 12.4 days, and nothing may take what is long ago for the future."""

import pytest

from host_tests import harness
from tools.proof import faults

level = harness.level_fixture("cpython")  # the ticks of the others can't be set
_ROUND = 1 << 30  # ms


@pytest.fixture(scope="module")
def trials(level):
    folder, (python, *_) = harness.power_on(level, faults.NODE)
    return faults.Trials(python, folder)


@pytest.mark.parametrize("noise", ["", "\x00"])
@pytest.mark.parametrize("before", [0, 1, 20, 60, 130])
@pytest.mark.parametrize("wrap", [_ROUND, _ROUND // 2])
def test_the_ticks_come_round_while_it_works(trials, tmp_path, wrap, before, noise):
    """`before` s after the start, whatever happens then; by half of them, too, where a difference changes its sign."""
    if noise and before:
        return
    plan = {"phase": "year", "fault": "none", "seconds": 5, "ticks": wrap - 1000 * before - 1, "jumps": [], "noise": noise}
    judge(trials.once(plan, tmp_path))


@pytest.mark.parametrize("noise", ["", "\x00"])
@pytest.mark.parametrize("days", [0.9, 2.7, 3])
def test_days_go_by_while_it_is_off(trials, tmp_path, days, noise):
    """Without a client, with a line that nobody uses or that has caught a byte of noise: a month of it."""
    jumps = [days] * round(28 / days / 3)
    plan = {"phase": "year", "fault": "none", "seconds": 5, "ticks": 1, "jumps": jumps, "noise": noise}
    judge(trials.once(plan, tmp_path))


def judge(found):
    assert found["code"] == 0 and "told" not in found, found
    assert all(found["quiet"]), "a line that nobody uses is not quiet"
    assert all(found["fresh"]), "values are not polled"
    assert not any(found["lost"]), "a line is not answered"
    assert found["saved"] == list(range(1, len(found["saved"]) + 1)), "values are not saved"
    assert found["warm"] == [40] * len(found["warm"])
