"""The emulator itself: what was put into it does as the original, and as the chip."""

import subprocess
from pathlib import Path

import pytest

from host_tests.rp2040 import flashed
from tools.build import pico


def test_the_fast_instructions_do_as_the_original_ones(level):
    script = Path(__file__).with_name("compare.mjs")
    words = [pico.emulator(), flashed.flash("example_heater"), 3_000_000]
    done = subprocess.run(["node", str(script), *map(str, words)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


_FLOATS = (
    ("1/3", "0.3333333"),
    ("(0.1 + 0.2) * 10", "3.0"),
    ("float('inf') - float('inf')", "nan"),
    ("0.0 * float('inf')", "nan"),
    ("1e38 * 10", "inf"),
    ("-1e38 * 10", "-inf"),
    ("float('nan') < 1", "False"),
    ("-0.0", "-0.0"),
    ("int(-2.5), int(2.5), int(-1e6)", "(-2, 2, -1000000)"),
    ("round(2.5), round(3.5), round(-0.5)", "(2, 4, 0)"),
    ("float(123456789), float(2**40 + 1)", "(1.234568e+08, 1.099512e+12)"),
    ("1e-45 > 0", "False"),
    ("3 < 4.0 <= 4.0 != 5.0", "True"),
    ("min(2.0, -1.0), max(0.0, 1e-30)", "(-1.0, 1e-30)"),
    ("__import__('math').sqrt(2), __import__('math').log(10)", "(1.414214, 2.302585)"),
    ("__import__('math').exp(1), __import__('math').sin(1)", "(2.718282, 0.841471)"),
    ("7.5 // 2, -7.5 % 2", "(3.0, 0.5)"),
)


@pytest.fixture(scope="module")
def printed(level):
    """What the board prints of each expression."""
    code = "\n".join(f"print(({expression}))" for expression, _ in _FLOATS)
    node = flashed.Node("outside")
    said = flashed.mpremote(node.board, "exec", code).splitlines()
    node.stop()
    return dict(zip((expression for expression, _ in _FLOATS), said, strict=True))


@pytest.mark.parametrize(("expression", "value"), _FLOATS)
def test_floats_are_single_precision_as_on_the_chip(printed, expression, value):
    assert printed[expression] == value
