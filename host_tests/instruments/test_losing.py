"""10,000 requests on a line that loses 1 % of its bytes: no answer is taken for another question's, no value is wrong."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import fixture

REQUESTS = 10000
_FEW = 2000  # at the levels before the last one: what is random is the same at each
SEED = 17


losing = fixture(Path(__file__).with_name("losing.py"))


@pytest.mark.parametrize(
    "kind, late, identified",
    # without identify an answer may not be later than two time-outs
    [(kind, *how) for kind in ("line", "modbus") for how in ((0, True), (0, False), (20, True))] + [("alike", 20, True)],
)
def test_no_answer_is_taken_for_another_questions(losing, level, kind, late, identified):
    requests = _FEW if level in harness.LEVELS else REQUESTS
    found = losing.ask("lossy", kind, requests, SEED, 10, late, identified)
    print(f"seed {SEED}: {found}")
    assert not found["wrong"], (SEED, found)
    assert found["asked"] >= requests and found["lost"] > requests // 10
    assert found["answered"] + found["set"] > (0.85 if late else 0.9) * requests, (SEED, found)
    assert found["set"] > 0.05 * requests
    assert bool(found["late"]) == bool(late)


@pytest.mark.parametrize("kind", ["line", "modbus", "alike"])
def test_a_good_line_answers_all(losing, kind):
    """So what is missing above is the line's."""
    found = losing.ask("lossy", kind, 1000, SEED, 0)
    assert found["answered"] + found["set"] == found["asked"] and not found["wrong"] and not found["lost"]
