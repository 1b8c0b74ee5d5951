"""What schema and writer take, and describing the node refuses: a closed list as well, each with its place in the file."""

import re

import tomlkit
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from host_tests.compose.test_schema import BOARD, MODELS, validator
from tools.image import image
from tools.image.compose import writing
from tools.problem import Problem

#: what only the board and all that is on it can tell (tools/image/driven.py, structure.py)
CROSS = (
    r"GPIO\d+ and GPIO\d+ have one PWM frequency",
    r"the pins \d+ and \d+ have one PWM frequency",
    r"GPIO\d+ is no analogue input of ",
    r"RPI_PICO_W has no GPIO\d+$",
    r"GPIO\d+ of RPI_PICO_W is for its \w+: take another one",
    r"GPIO\d+ is .*, and at .* (it is )?",
    r"GPIO\d+ is .* twice: it is asked for at ",
    r"GPIO\d+ is an output twice: it is asked for at ",
    r"GPIO\d+ is off at 1, and nothing drives it during a reset",
    r"GPIO\d+ is off at 1, but is one of the pins that boot.py puts low",
    r"GPIO\d+ is off at 0, but has a pull-up",
    r"GPIO\d+ has PWM twice",
    r"its heater is at pin \d+; on RPI_PICO_W it has to be at one of ",
    r"GPIO\d+ is .*, and the board.s UART",
    r"GPIO\d+ is the board.s UART",
    r"its ADC sees ",
    r"the chip select at pin \d+ has a device already",
)
PIN = st.integers(0, 29)


def of(driver, needs, optional=()):
    return st.fixed_dictionaries({"driver": st.just(driver), **needs}, optional=dict(optional))


OUTPUT = st.one_of(
    of("ssr", {"pin": PIN, "power": st.just(800)}),
    of("pwm_heater", {"pin": PIN, "power": st.just(50)}, {"frequency": st.sampled_from([100, 1000])}),
)
MODULE = st.one_of(
    of("pin_input", {"pin": PIN}, {"pull": st.sampled_from(["up", "down"])}),
    of("pin_output", {"pin": PIN}, {"on": st.sampled_from([0, 1]), "pull_up": st.booleans()}),
    of("pwm_output", {"pin": PIN, "frequency": st.sampled_from([1000, 25000])}, {"inverted": st.booleans()}),
    of("pulses", {"pin": PIN, "quantity": st.just("rate")}),
    of("max31856", {"bus": st.just("spi0"), "cs": PIN}),
    of("voltage_signal", {"source": st.fixed_dictionaries({"pin": PIN}), "high": st.just(3), "low": st.just(0)}),
    of("sht4x", {"bus": st.just("i2c0"), "quantity": st.just("humidity")}),
    of(
        "oven",
        {
            "output": OUTPUT,
            "sensor": of("max31855", {"bus": st.just("spi0"), "cs": PIN}),
            "minimum": st.just(5),
            "maximum": st.just(90),
        },
    ),
)
MODULES = st.dictionaries(st.sampled_from(["a", "b", "c"]), MODULE, min_size=2, max_size=3)


@given(MODULES)
@example({
    "a": {"driver": "pin_input", "pin": 0}, "b": {"driver": "pin_output", "pin": 0},
    "c": {"driver": "max31856", "bus": "spi0", "cs": 0},
})  # fmt: skip
@settings(suppress_health_check=list(HealthCheck), max_examples=15, deadline=None)
def test_what_the_description_refuses_is_listed(tmp_path_factory, modules):
    content = {"board": "RPI_PICO_W", "equipment_id": "x", "description": "x", "modules": modules}
    assert not list(validator().iter_errors(content))
    writer = writing.Writer(content, MODELS, BOARD, "x.toml")
    writer.source()
    if writer.wrong:
        return
    path = tmp_path_factory.mktemp("pins") / "lab.toml"
    path.write_text(tomlkit.dumps(content), "utf-8")
    try:
        image.describe(str(path))
    except Problem as e:
        for line in str(e).splitlines():
            at = re.match(rf"{path}:\d+:\d+: (.*)", line)
            assert at and any(re.search(pattern, at[1]) for pattern in CROSS), line
