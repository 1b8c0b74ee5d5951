"""What a node drives is known when it is described; what could not be put off is refused, with the line of the user's file."""

import pytest

from host_tests.harness import mentions
from tools import paths
from tools.image import image
from tools.problem import Problem

NODE = """from drivers.pwm_heater import PWMHeater
from machine import ADC, PWM, Pin
from secnode.module import Module
from secnode.node import Node


class Thing(Module):
    interface_classes = []

    def __init__(self, pin, **kwds):
        super().__init__(**kwds)
        self.pin = pin
        self.rest()

    def rest(self):
        if isinstance(self.pin, int):
            Pin(self.pin, Pin.OUT, value=0)
            Pin(self.pin, Pin.OUT)


def node(board):
    {body}
    return Node(equipment_id="org.lab", description="a lab", modules=(Thing(None, name="thing", description="a thing"),))
"""
BODY = NODE[: NODE.index("{body}")].count("\n") + 1  # the line
PULL_UP = "safe=1, pull_up=True"

DRIVEN = {
    "nothing": ("pass", []),
    "asked": ("board.pin_out(4)", ["4 0"]),
    "asked, off at 1": (f"board.pin_out(9, {PULL_UP})", ["9 1"]),
    "by position": ("board.pin_out(9, 1, True)", ["9 1"]),
    "PWM asked": ("board.pwm(8, 25000)", ["8 0"]),
    "PWM asked, off at 1": (f"board.pwm(8, freq=25000, {PULL_UP})", ["8 1"]),
    "opened": ("Pin(5, Pin.OUT)", ["5 0"]),
    "opened low": ("Pin(5, Pin.OUT, value=0)", ["5 0"]),
    "PWM opened": ("PWM(Pin(6), freq=1000)", ["6 0"]),
    "PWM of an output": ("p = Pin(6, Pin.OUT)\n    PWM(p, freq=1000)", ["6 0"]),
    "inputs": ("Pin(5, Pin.IN); Pin(6); ADC(26); board.adc(27)", []),
    "a heater's pin": ("PWMHeater(3, resistance=5.76, supply=24)", ["3 0"]),
    "a heater's Pin": ("PWMHeater(board.pin_out(3), resistance=5.76, supply=24)", ["3 0"]),
    "a heater that heats at once": ("PWMHeater(3, resistance=5.76, supply=24).set_power(1)", ["3 0"]),
    "by its name": ("board.pin_out('GP7'); Pin('GPIO8', Pin.OUT)", ["7 0", "8 0"]),
    "a light at the radio": ("Pin('LED', Pin.OUT)", []),
    "opened twice by one object": ("Thing(11, name='a', description='a')", ["11 0"]),
    "an input asked for": ("board.pin_in(5); board.pin_in(6, 'up'); board.pin_in(7, pull='down')", []),
    "steps": ("board.stepper(10, 11)", ["10 0", "11 0"]),
    "in order": (f"board.pin_out(9, {PULL_UP}); Pin(5, Pin.OUT); board.pin_out(2)", ["9 1", "5 0", "2 0"]),
}
TWICE = "Thing(11, name='a', description='a')\n    Thing(11, name='b', description='b')"
HEATERS = "PWMHeater(3, resistance=5.76, supply=24)\n    PWMHeater(3, resistance=5.76, supply=24)"

REFUSED = {
    # body, line of it, what is named
    "off at 1 without a pull-up": ("board.pin_out(9, safe=1)", 0, "GPIO9", "pull_up=True"),
    "PWM so": ("board.pwm(9, 100, safe=1)", 0, "GPIO9", "pull_up=True"),
    "off at 0 with one": ("board.pin_out(9, pull_up=True)", 0, "GPIO9", "off at 0", "pull-up"),
    "opened high": ("Pin(9, Pin.OUT, value=1)", 0, "GPIO9", "opened", "output at 1"),
    "no level": ("board.pin_out(9, safe=2)", 0, "GPIO9", "0 or 1", "2"),
    "asked twice": ("board.pin_out(4)\n    board.pin_out(4)", 1, "GPIO4", f"FILE:{BODY}"),
    "asked in two ways": ("board.pwm(4, 100)\n    board.pin_out(4)", 1, "GPIO4", "output", f"FILE:{BODY}"),
    "asked and opened": ("board.pin_out(4)\n    Pin(4, Pin.OUT)", 1, "GPIO4", "output", f"FILE:{BODY}"),
    "opened and asked": ("Pin(4, Pin.OUT)\n    board.pin_out(4)", 1, "GPIO4", "output", f"FILE:{BODY}"),
    "opened by two objects": (TWICE, 1, "GPIO11", "output"),
    "by two heaters": (HEATERS, 1, "GPIO3", "output", f"FILE:{BODY}"),
    "PWM twice": ("PWM(Pin(6))\n    PWM(Pin(6))", 1, "GPIO6", "PWM", f"FILE:{BODY}"),
    "a heater that would be on": (
        f"p = board.pin_out(9, {PULL_UP})\n    PWMHeater(p, resistance=5.76, supply=24)", 1, "GPIO9", "opened at 0",
    ),
    "off at 1 at a heater's pin": (f"board.pin_out(5, {PULL_UP})", 0, "GPIO5", "boot.py"),
    "on when the node is made": ("board.pin_out(4).value(1)", 0, "GPIO4", "at 1", "off at 0"),
    "an input twice": ("board.pin_in(5)\n    board.pin_in('GP5', 'up')", 1, "GPIO5", "digital input", f"FILE:{BODY}"),
    "an analogue input twice": ("board.adc(26)\n    board.adc(26)", 1, "GPIO26", f"FILE:{BODY}"),
    "twice in a line": ("board.adc(26); board.adc(26)", 0, "GPIO26", f"FILE:{BODY}"),
    "in and out": ("board.pin_in(5)\n    board.pin_out(5)", 1, "GPIO5", "output", f"FILE:{BODY}", "digital input"),
    "out and in": ("board.pin_out(5)\n    board.pin_in(5)", 0, "GPIO5", "output", f"FILE:{BODY + 1}", "digital input"),
    "digital and analogue": ("board.pin_in(26)\n    board.adc(26)", 1, "GPIO26", f"FILE:{BODY}", "digital input"),
    "an input of a bus": ("board.i2c('i2c0')\n    board.pin_in(4)", 1, "GPIO4", f"FILE:{BODY}", "SDA of i2c0"),
    "an input by a name": ("board.pin_in('X1')", 0, "X1"),
    "a pull that there is not": ("board.pin_in(5, 'high')", 0, "ValueError", "pull", '"up", "down" or None'),
    "a name": ("board.pin_out('X1')", 0, "X1"),
    "a name opened": ("Pin('X1', Pin.OUT)", 0, "X1", "opened"),
}  # fmt: skip


def write(tmp_path, body):
    file = tmp_path / "lab.py"
    file.write_text(NODE.replace("{body}", body))
    return file


@pytest.mark.parametrize("case", DRIVEN)
def test_what_is_driven_is_listed(tmp_path, case):
    body, lines = DRIVEN[case]
    assert image.files(str(write(tmp_path, body)))["outputs.txt"] == image.sealed(lines)


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_put_off_is_refused(tmp_path, case):
    body, line, *named = REFUSED[case]
    file = write(tmp_path, body)
    with pytest.raises(Problem) as problem:
        image.files(str(file))
    said = str(problem.value)
    assert said.startswith(f"{file}:{BODY + line}: ")
    assert mentions(said, *(name.replace("FILE", str(file)) for name in named)), said
    assert said.count("\n") == 0


def test_the_pins_of_the_board_that_it_is_for(tmp_path):
    """An active-low relay at GPIO5 is fine on an ESP32, where heaters are elsewhere; its UART is taken."""
    file = write(tmp_path, f"board.pin_out(5, {PULL_UP})")
    assert image.files(str(file), "ESP32_GENERIC_S3")["outputs.txt"] == image.sealed(["5 1"])
    with pytest.raises(Problem, match=r"GPIO5 .*\bboot\.py\b"):
        image.files(str(file), "RPI_PICO")
    file = write(tmp_path, "board.pin_out(1)")
    with pytest.raises(Problem, match=r"GPIO1 .*\bUART .*\bboard\.py\b"):
        image.files(str(file), "RPI_PICO")
    assert image.files(str(write(tmp_path, "board.pin_out(board.HEATER_PIN)")), "ESP32_GENERIC")["outputs.txt"] == image.sealed(
        ["23 0"]
    )


PINS = {
    "no such pin": ("RPI_PICO", "board.pin_out(30)", "RPI_PICO", "GPIO30"),
    "no such pin on a module": ("ESP32_GENERIC", "board.pin_in(20)", "ESP32_GENERIC", "GPIO20"),
    "the radio's": ("RPI_PICO_W", "board.pin_out(23)", "GPIO23", "RPI_PICO_W", "radio"),
    "the flash's": ("ESP32_GENERIC", "board.pin_out(6)", "GPIO6", "ESP32_GENERIC", "flash"),
    "the console's": ("ESP32_GENERIC", "board.pin_in(3)", "GPIO3", "ESP32_GENERIC", "console"),
    "opened": ("RPI_PICO", "Pin(24, Pin.OUT)", "GPIO24", "RPI_PICO", "power"),
    "no output": ("ESP32_GENERIC", "board.pin_out(34)", "GPIO34", "ESP32_GENERIC", "input"),
    "PWM at no output": ("ESP32_GENERIC", "board.pwm(35, 1000)", "GPIO35", "ESP32_GENERIC", "input"),
    "no pull": ("ESP32_GENERIC", "board.pin_in(39, 'up')", "GPIO39", "ESP32_GENERIC", "no pull"),
    "no counter": ("ESP32_GENERIC_C3", "board.counter(3)", "ValueError", "counter"),
    "four counters": (
        "RPI_PICO", "[board.counter(p) for p in range(10, 15)]",
        "ValueError", "RPI_PICO", "4 pins",
    ),
    "no steps": ("ESP32_GENERIC", "board.stepper(4, 13)", "ValueError", "ESP32_GENERIC", "step pulses"),
    "four steppers": (
        "RPI_PICO", "[board.stepper(p, p + 1) for p in (6, 8, 10, 12)]",
        "ValueError", "step pulses", "three motors",
    ),
    "a counter at an output": ("RPI_PICO", "board.counter(2); board.pin_out(2)", "GPIO2", "output"),
    "no ADC": ("RPI_PICO", "board.adc(22)", "GPIO22", "RPI_PICO", "26, 27, 28"),
    "ADC 2 of an ESP32": ("ESP32_GENERIC", "board.adc(27)", "GPIO27", "ESP32_GENERIC", "analogue input"),
    "a slice's frequency": (
        "RPI_PICO", "board.pwm(8, 1000); board.pwm(9, 2000)", "GPIO8", "GPIO9", "PWM frequency", "RPI_PICO",
    ),
    "UART": ("RPI_PICO", "board.pin_in(1)", "GPIO1", "digital input", "UART"),
}  # fmt: skip


OUTPUT = """from drivers.pin_output import PinOutput
from drivers.pwm_output import PWMOutput
from modules.analogue_output import AnalogueOutput
from modules.digital_output import DigitalOutput
from secnode.node import Node


def node(board):
    module = {module}
    return Node(equipment_id="org.lab", description="a lab", modules=(module,))
"""


@pytest.mark.parametrize(
    ("module", "named"),
    [
        ("DigitalOutput(PinOutput(board.pin_out(4)), name='m', description='x')", ()),
        ("DigitalOutput(PinOutput(board.pin_out(9, safe=1, pull_up=True), on=0), name='m', description='x')", ()),
        ("DigitalOutput(PinOutput(board.pin_out(9, safe=1, pull_up=True), safe=True), name='m', description='x')", ()),
        ("AnalogueOutput(PWMOutput(board.pwm(4, 1000)), name='m', description='x')", ()),
        ("AnalogueOutput(PWMOutput(board.pwm(9, 1000, 1, True), inverted=True), name='m', description='x')", ()),
        (
            "DigitalOutput(PinOutput(board.pin_out(4), on=0), name='m', description='x')",
            ("module m", "off at 1", "board.pin_out()", "safe=1"),
        ),
        (
            "DigitalOutput(PinOutput(board.pin_out(4), safe=True), name='m', description='x')",
            ("module m", "on at 1", "board.pin_out()", "safe=1"),
        ),
        (
            "AnalogueOutput(PWMOutput(board.pwm(4, 1000), inverted=True), name='m', description='x')",
            ("module m", "inverted=True", "board.pwm()", "safe=1"),
        ),
    ],
)
def test_an_output_begins_as_its_driver_says(tmp_path, module, named):
    file = tmp_path / "lab.py"
    file.write_text(OUTPUT.replace("{module}", module))
    if not named:
        image.files(str(file))
        return
    with pytest.raises(Problem) as problem:
        image.files(str(file))
    assert mentions(str(problem.value), *named) and str(problem.value).count("\n") == 0


@pytest.mark.parametrize("case", PINS)
def test_what_the_boards_pins_can_not_do_is_refused(tmp_path, case):
    board, body, *named = PINS[case]
    with pytest.raises(Problem) as problem:
        image.files(str(write(tmp_path, body)), board)
    said = str(problem.value)
    assert f":{BODY}: " in said and mentions(said, *named) and said.count("\n") == 0


@pytest.mark.parametrize(
    ("board", "body", "named"),
    [
        ("ESP32_GENERIC", "board.pin_out(5)", ("GPIO5", "ESP32_GENERIC", "strapping")),
        ("ESP32_GENERIC", "board.pin_in(16)", ("GPIO16", "ESP32_GENERIC", "psram")),
        ("ESP32_GENERIC", "board.pin_out(14)", ("GPIO14", "ESP32_GENERIC", "high")),
        ("ESP32_GENERIC", "board.pin_in(34); board.pwm(13, 1000); board.pwm(32, 50)", ()),
        ("RPI_PICO", "board.pin_out(25); board.pwm(8, 1000); board.pwm(9, 1000)", ()),
    ],
)
def test_what_may_surprise_is_noted(tmp_path, capfd, board, body, named):
    image.files(str(write(tmp_path, body)), board)
    said = capfd.readouterr().err
    assert (f":{BODY}: " in said and mentions(said, *named) and said.count("\n") == 1) if named else said == ""


def test_a_board_of_ones_own_has_the_pins_of_its_build(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "board.py").write_text((paths.BOARDS / "ESP32_GENERIC" / "board.py").read_text())
    (folder / "board.json").write_text('{"port": "esp32", "build": "ESP32_GENERIC"}')
    file = str(write(tmp_path, "board.pin_out(34)"))
    with pytest.raises(Problem, match=r"GPIO34 of mine .*\binput\b"):
        image.files(file, str(folder))
    (folder / "board.json").write_text('{"port": "esp32", "build": "OTHER_ONE"}')  # nobody knows its pins
    assert image.files(file, str(folder))["outputs.txt"] == image.sealed(["34 0"])


# ---- where a mistake is


TWO = """from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.oven import Oven
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def oven(board, adc, pin, highest, **more):
    heater = PWMHeater(pin, resistance=5.76, supply=24)
    return Oven(
        Divider(board.adc(adc), Beta(10000, 3950), **board.DIVIDER), heater, DeadMan(heater.cut), minimum=-10, maximum=130,
        description="an oven", _maxheaterpower=Parameter(Double(0, 100), readonly=False, description="x"),
        target=Parameter(Double(0, highest), readonly=False, description="x"), **more)


def node(board):
    return Node(equipment_id="org.lab", description="a lab", modules=(
        oven(board, 26, 2, 120, name="a"), oven(board, 27, 3, MOST, name="b"{more})))
"""


def test_a_mistake_in_a_module_of_the_library_is_in_the_users_file(tmp_path):
    file = tmp_path / "two.py"
    for body, words in (
        (TWO.replace("{more}", ", _x=Parameter(Double(5, 3), description='x')"), ": module b, parameter _x: min (5) is above"),
        (TWO.replace("{more}", "").replace("Double(0, highest)", "Double"), ": module a, parameter target: there is no data"),
        (TWO.replace("{more}", "").replace("minimum=-10", "minimum=-300"), ":13: ValueError: minimum -300"),
    ):
        file.write_text(body.replace("MOST", "60"))
        with pytest.raises(Problem) as problem:
            image.files(str(file))
        assert all(line.startswith(str(file)) for line in str(problem.value).splitlines()), problem.value
        assert words in str(problem.value)
