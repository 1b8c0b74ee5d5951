"""Clients come, go, activate and drive: heap and largest free block are flat, no control period is missed (soak.py)."""

import os

import pytest

from host_tests import harness
from host_tests.hostile import soak

level = harness.level_fixture("board-like")

# `make soak MINUTES=30` is the real one
_MINUTES = float(os.environ.get("SOAK_MINUTES", "0.4"))


@pytest.mark.timeout(120 + 90 * _MINUTES)
def test_a_short_soak(level, capsys):
    try:
        soak.soak(level, _MINUTES)
    except soak.Trouble as e:
        pytest.fail(f"{e}\n{capsys.readouterr().out}")
