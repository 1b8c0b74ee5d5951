"""`secnode selftest` on the emulated board, whole and with each part broken; and that it never leaves a heater on."""

import io
import json
import re
import subprocess
import threading
import time

import pytest

from host_tests import harness
from host_tests.deploy.emulated import Board, answer
from tools import paths
from tools.board import device
from tools.image import boards, image
from tools.verbs import selftest

NODE = "example_heater"


@pytest.fixture
def flashed(monkeypatch):
    """An emulated board with a node, whose plant is three times as fast."""
    monkeypatch.setattr(selftest, "_BEFORE", 1.0)
    monkeypatch.setattr(selftest, "_AFTER", 2.0)
    # the machine may be busy
    monkeypatch.setattr(selftest, "_BEGIN", selftest._BEGIN.replace("timeout=8000", "timeout=80000"))
    with Board(speed=3) as board:
        board.load(image.for_board(NODE, "HOST"))
        yield board


@pytest.fixture
def breaking(monkeypatch):
    """breaking(code): what the board does before it is tried, or its heater is; hostmachine is what its pins are wired to."""

    def set(code, before="_BEGIN"):
        monkeypatch.setattr(selftest, before, getattr(selftest, before) + "import hostmachine\n" + code)

    return set


def table(said):
    """What the table says: (state, found and what to check) by the first word of a row."""
    rows = [re.match(r" *(\S+)(?: \d+)? +(pass|FAIL|not tried) *(.*)", line) for line in said.splitlines()]
    return {row[1]: (row[2], row[3].strip()) for row in rows if row}


def rows_of(secnode, board, *words, code=1):
    got, said = secnode("selftest", "--port", board.port, *words)
    assert got == code and "Traceback" not in said, said
    return table(said)


def test_make_selftest(flashed):
    """All is well; the node runs before and after."""
    flashed.plug()
    assert answer(flashed, "*IDN?", 60)
    command = ["make", "selftest", f"PORT={flashed.port}", "ARGS=--yes"]
    env = {key: value for key, value in harness.os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(command, cwd=harness.ROOT, env=env, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = table(done.stdout)
    wires = ["i2c0", "i2c1", "onewire0"]
    assert list(rows) == ["output", *wires, "sensor", "outside", "heater", "flash", "heap", "clock"], done.stdout
    assert {rows[name][1] for name in wires} == {"nobody answers"}
    assert {state for state, _ in rows.values()} == {"pass"}
    assert rows["sensor"][1].startswith("25.0 °C (50.0 % of the supply), noise 0.")
    assert rows["heater"][1].startswith("20 % for ") and "nothing is wrong" in done.stdout
    assert answer(flashed, "read heater:value", 60).startswith("reply heater:value")
    flashed.unplug()
    assert "selftest.tmp" not in flashed.listing()


def test_the_heater_is_left_out_where_nobody_allowed_it(flashed, secnode, monkeypatch):
    monkeypatch.setattr(selftest.sys, "stdin", io.StringIO())
    flashed.plug()
    rows = rows_of(secnode, flashed, code=0)
    assert rows["heater"][0] == "not tried" and rows["sensor"][0] == "pass"


# ---- buses

ON_BUSES = """
import sys, attached, hostmachine
hostmachine._sim_buses()
import models
for bus, where, chip in (
    ("i2c0", 0x44, "SHT4x"), ("i2c0", 0x45, "SHT3x"), ("i2c0", 0x40, "INA219"), ("i2c0", 0x48, "ADS1115"),
    ("i2c0", 0x76, "BME280"), ("i2c0", 0x60, "MCP4725"), ("spi0", 17, "MAX31865"), ("spi0", 20, "MAX31856"),
    ("spi0", 21, "MAX31855"), ("onewire0", "1", "DS18B20"), ("onewire0", "2", "DS18B20"), ("onewire0", "3", "DS18B20"),
):
    attached.attach(bus, where, models.find(chip, None))
"""


def test_who_answers_at_the_buses(flashed, secnode, breaking):
    breaking(ON_BUSES)
    flashed.plug()
    rows = rows_of(secnode, flashed, "--no-heater", "--cs=17", "--cs=20", "--cs=21", code=0)
    told = {name.partition(":")[2]: found for name, (_, found) in rows.items() if name.startswith("i2c0")}
    assert told == {
        "0x40": "INA219", "0x44": "SHT4x", "0x45": "SHT3x", "0x48": "ADS1115 or ADS1015",
        "0x60": "MCP4725, its EEPROM at 0 of 4096", "0x76": "BME280",
    }  # fmt: skip
    told = {name.partition(":")[2]: found for name, (_, found) in rows.items() if name.startswith("onewire0")}
    assert len(told) == 3 and set(told.values()) == {"DS18B20"}
    assert all(len(code) == 16 and code.startswith("28") for code in told)
    assert [rows[f"spi0:{cs}"][1].split(",")[0] for cs in (17, 20, 21)] == ["MAX31865", "MAX31856", "MAX31855"]


@pytest.mark.parametrize(
    ("code", "words", "row", "state", "told"),
    [
        ("import sim_buses; sim_buses.broken['i2c0'] = 'stuck'\n", (), "i2c0", "FAIL", "SCL or SDA"),
        ("attached.models['i2c0', 0x76].break_('other')\n", (), "i2c0:0x76", "pass", "BMP280"),
        ("attached.models['spi0', 17].break_('absent')\n", ("--cs=17",), "spi0:17", "FAIL", "nobody answers"),
        ("", ("--cs=2",), "spi0:2", "not tried", "GPIO2"),
        ("", ("--dac=i2c7:0x60=0",), "i2c7:0x60", "FAIL", "I2C in its board.py: i2c0, i2c1"),
        ("attached.attach('i2c1', 0x3C, attached.models['i2c0', 0x44])\n", (), "i2c1:0x3c", "pass", "chip"),
    ],
)
def test_what_is_wrong_at_a_bus(flashed, secnode, breaking, code, words, row, state, told):
    breaking(ON_BUSES + code)
    flashed.plug()
    found = rows_of(secnode, flashed, "--no-heater", *words, code=int(state == "FAIL"))[row]
    assert found[0] == state and harness.mentions(found[1], told)


def test_a_bus_at_an_output_is_left_alone(flashed, secnode, breaking):
    flashed.load({"outputs.txt": b"2 0\n4 0\n= 2\n"})
    flashed.plug()
    rows = rows_of(secnode, flashed, "--no-heater", code=0)
    assert rows["i2c0"][0] == "not tried" and harness.mentions(rows["i2c0"][1], "GPIO4") and rows["i2c1"][1] == "nobody answers"


def test_the_eeprom_of_a_dac_is_written_when_it_is_asked_for(flashed, secnode, breaking):
    factory = "attached.models['i2c0', 0x60].eeprom = b'\\x08\\x00'\n"
    breaking(ON_BUSES + factory)
    flashed.plug()
    rows = rows_of(secnode, flashed, "--no-heater", code=0)
    assert harness.mentions(rows["i2c0:0x60"][1], "MCP4725", "2048 of 4096")
    rows = rows_of(secnode, flashed, "--no-heater", "--dac", "i2c0:0x60=0", code=0)
    written = rows["i2c0:0x60"]
    assert written[0] == "pass" and harness.mentions(written[1], "EEPROM", "0 of 4096")
    rows = rows_of(secnode, flashed, "--no-heater", "--dac", "i2c0:0x60=2048", code=0)
    there = rows["i2c0:0x60"]
    assert there[0] == "pass" and harness.mentions(there[1], "EEPROM", "2048 of 4096")
    assert there[1] != written[1].replace(" 0 ", " 2048 "), "it was there already"


@pytest.mark.parametrize("word", ["i2c0", "i2c0:0x60", "i2c0:0x60=4096", "i2c0:0x48=0", ":0x60=0", "i2c0:x=0"])
def test_dac_wants_a_bus_an_address_and_a_code(word):
    with pytest.raises(selftest.argparse.ArgumentTypeError):
        selftest.dac(word)


# whole, as a node keeps it: what it would not take it may write anew before it is ended
WIDE = {"gain": 3, "gain_time": 1000, "max_error": 120, "creep": 4, "max_rate": 10, "stuck_time": 20}


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({"_guard": WIDE}, True),
        ({"_guard": {"gain_time": 1000}}, True),
        ({"_guard": WIDE | {"gain_time": 20, "stuck_time": 60}, "plant": [10, 2], "_maxheaterpower": 50}, True),
        ({"_guard": WIDE | {"gain_time": 20}}, False),
        ({"_guard": {"gain_time": "long"}, "plant": {}, "_maxheaterpower": []}, False),
        ({"_guard": 5}, False),
    ],
)
def test_thresholds_that_leave_the_guard_as_good_as_off(flashed, secnode, kept, told):
    flashed.load(image.for_board("oven", "HOST"))
    flashed.load({"settings.json": json.dumps({"heater": kept}).encode()})
    flashed.plug()
    rows = rows_of(secnode, flashed, code=int(told))
    assert rows["heap"][0] == "pass" and ("guard" in rows) == told
    if told:
        assert rows["guard"][0] == "FAIL" and harness.mentions(rows["guard"][1], "heater")


@pytest.mark.parametrize(("typed", "may"), [("y\n", True), ("\n", False), ("no\n", False), ("", False)])
def test_a_person_is_asked(monkeypatch, capsys, typed, may):
    stdin = io.StringIO(typed)
    stdin.isatty = lambda: True
    monkeypatch.setattr(selftest.sys, "stdin", stdin)
    args = selftest.argparse.Namespace(yes=False, no_heater=False, power=20.0, seconds=15.0, limit=60.0)
    assert selftest.allowed(args) == may
    assert harness.mentions(capsys.readouterr().out, "20 %", "15 s", "60 °C")


@pytest.mark.parametrize(
    ("fault", "row", "words"),
    [
        ("sensor_open", "sensor", "open: 100.0 % of the supply plug, wire and thermistor"),
        ("sensor_short", "sensor", "shorted: 0.0 % of the supply wire and thermistor"),
        ("sensor_noisy", "sensor", "wires beside the heater's"),
        ("sensor_stuck", "heater", "is the thermistor on the heated part?"),
        ("heater_open", "heater", "the heater's supply; fuse and cut-out"),
        ("transistor_short", "heater", "SWITCH THE HEATER'S SUPPLY OFF: the transistor is shorted"),
    ],
)
def test_what_is_broken_is_found(flashed, secnode, breaking, fault, row, words):
    # late where it makes things hot: the machine may be slow
    breaking(f"hostmachine.plant.fault({fault!r})\n", "_HEAT" if fault == "transistor_short" else "_BEGIN")
    flashed.plug()
    rows = rows_of(secnode, flashed, "--yes", "--seconds", "2")
    assert rows[row][0] == "FAIL" and words in " ".join(rows[row][1].split()), rows
    assert [name for name, (state, _) in rows.items() if state == "FAIL"] == [row]
    if row == "sensor":
        assert rows["heater"][0] == "not tried"


def test_above_the_limit_it_does_not_heat(flashed, secnode, breaking):
    breaking("p = hostmachine.plant\np.block = p.sensor = p.surroundings = 75.0\nmachine.PWM = None\n")
    flashed.plug()
    rows = rows_of(secnode, flashed, "--yes")
    assert rows["heater"][0] == "FAIL" and re.search(r"\b7\d\.\d °C.*\b60 °C", rows["heater"][1])


@pytest.mark.parametrize(
    ("reads", "words"),
    [("1 if self.mode == 0 else 0", "the pull-down at the gate (4.7 kΩ to GND) is missing"), ("1", "it is high although")],
)
def test_an_output(flashed, secnode, breaking, reads, words):
    """A pin that reads what it should not."""
    code = "class Pin(hostmachine.Pin):\n    def __init__(self, id, mode=-1, pull=-1, value=None):\n"
    code += "        super().__init__(id, mode, pull, value=value)\n        self.mode = mode\n"
    breaking(f"{code}    def value(self, value=None):\n        return {reads}\nmachine.Pin = Pin\n")
    flashed.plug()
    rows = rows_of(secnode, flashed, "--yes")
    assert rows["output"][0] == "FAIL" and words in rows["output"][1]
    assert rows["heater"][0] == "not tried"


@pytest.mark.parametrize(
    ("settings", "state", "words"),
    [
        ("{}", "pass", "1 networks; settings.json has none yet"),
        ('{"wifi": {"ssid": "HOST", "password": "secnode-host"}}', "pass", "connected; 1 networks, yours at -40 dBm"),
        ('{"wifi": {"ssid": "HOST", "password": "not-this-one"}}', "FAIL", "the password in settings.json"),
        ('{"wifi": {"ssid": "other", "password": "secnode-host"}}', "FAIL", "its name in settings.json"),
    ],
)
def test_wifi(flashed, secnode, monkeypatch, settings, state, words):
    monkeypatch.setattr(selftest, "_WIFI", 4)
    flashed._env["SECNODE_WIFI"] = "1"
    flashed.load({"settings.json": settings.encode()})
    flashed.plug()
    code, said = secnode("selftest", "--port", flashed.port, "--no-heater")
    rows = table(said)
    assert code == (state == "FAIL") and rows["Wi-Fi"][0] == state and words in rows["Wi-Fi"][1], said
    assert "secnode-host" not in said and "not-this-one" not in said and "other" not in said


@pytest.mark.parametrize(
    ("kind", "agreed", "fault", "state", "words"),
    [
        ("1", 0b110, "none", "pass", ("100 Mbit/s full", "192.0.2.2")),
        ("1", 0b000, "none", "pass", ("10 Mbit/s half", "192.0.2.2")),
        ("1", 0b010, "dhcp_silent", "FAIL", ("100 Mbit/s half", "ethernet.address")),
        ("1", 0b110, "cable_pulled", "FAIL", ("cable",)),
        ("lan", 0b110, "none", "pass", ("speed", "192.0.2.2")),
    ],
)
def test_ethernet(flashed, secnode, breaking, monkeypatch, kind, agreed, fault, state, words):
    monkeypatch.setattr(selftest, "_ETHERNET", 6)
    breaking(f"import sim_lan; sim_lan.WIZNET5K.agreed = {agreed}\n")
    flashed._env |= {"SECNODE_ETHERNET": kind, "SECNODE_NETWORK_FAULT": fault}
    flashed.plug()
    found = rows_of(secnode, flashed, "--no-heater", code=int(state == "FAIL"))["Ethernet"]
    assert found[0] == state and harness.mentions(found[1], *words)
    assert harness.mentions(found[1], "Mbit/s") == (kind == "1" and fault != "cable_pulled")


def test_flash_that_can_not_be_written(flashed, secnode, monkeypatch):
    monkeypatch.setattr(selftest, "_FLASH", selftest._FLASH.replace("'selftest.tmp'", "'no/folder/selftest.tmp'"))
    flashed.plug()
    rows = rows_of(secnode, flashed, "--no-heater")
    assert rows["flash"][0] == "FAIL" and "OSError" in rows["flash"][1] and rows["clock"][0] == "pass"


# ---- whatever happens


HEATED = """import sys
image, host, shims = sys.argv[1:]
sys.path[:0] = [image, host]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython
import board, machine
{begin}
{heat}
wait, looks, high = _wait, 0, 0
def _wait(ms):
    global looks, high
    wait(20)
    looks += 1
    high = max(high, machine.levels[board.HEATER_PIN])
    if looks == at and error:
        raise error
for error in (KeyboardInterrupt(), OSError(5), MemoryError(), None):
    for at in (1, 3, 5, 6, 9):
        looks = 0
        try:
            _heat(board.HEATER_PIN, board.adc(board.SENSOR_ADC), 13107, 120, -0.2, 1.0, 0.005, 0.995, 50, 100, 20)
            print("whole")
        except BaseException as e:
            print(type(e).__name__)
        assert machine.levels[board.HEATER_PIN] == 0, (error, at)
print("high", high)
"""


def test_the_pin_is_low_however_it_ends(level, tmp_path):
    """An exception, Ctrl-C or a board without memory at any moment."""
    script = tmp_path / "script.py"
    script.write_text(HEATED.replace("{begin}", selftest._BEGIN).replace("{heat}", selftest._HEAT))
    command = [harness.interpreter(level), script, image.build("outside"), paths.BOARDS / "HOST", paths.SHIMS]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert said[-1].startswith("high 0.2"), done.stdout
    assert {"KeyboardInterrupt", "OSError", "MemoryError", "whole"} <= {line.split()[0] for line in said}


def test_a_cable_that_is_pulled_while_it_heats(flashed, secnode, monkeypatch):
    """The board has its power from elsewhere: it ends by itself, and the watchdog starts the node again."""
    monkeypatch.setattr(device, "_BACK", 1)
    monkeypatch.setattr(device, "_PATIENCE", 1)
    monkeypatch.setattr(selftest, "_BEGIN", selftest._BEGIN.replace("timeout=80000", "timeout=8000"))
    monkeypatch.setattr(selftest, "_AFTER", 6.0)
    flashed.power_too = False
    flashed.plug()
    real = device.Device.exec

    def exec(there, code, timeout=0):
        if code.startswith("_heat("):
            monkeypatch.setattr(device, "_SILENCE", 10.0)
            threading.Thread(target=pull).start()
        return real(there, code, timeout)

    def pull():
        time.sleep(2)
        flashed.cut = 1
        with open(flashed.port, "wb", buffering=0) as port:
            port.write(b" ")

    monkeypatch.setattr(device.Device, "exec", exec)
    code, said = secnode("selftest", "--port", flashed.port, "--yes")
    assert code == 2 and "went away" in said, said
    assert answer(flashed, "read heater:value", 90).startswith("reply heater:value")
    assert flashed.resets == 1


# ---- what can be wrong with the board


def complaint(secnode, *words):
    code, said = secnode("selftest", *words)
    assert code == 2 and said.count("secnode selftest: ") == 1 and "Traceback" not in said, said
    return said.split("secnode selftest: ")[1].strip()


def test_a_board_without_a_node(board, secnode, monkeypatch):
    """It has to be said which one it is. Here it has nothing but pins: all that can be tried is."""
    board.plug()
    assert harness.mentions(complaint(secnode, "--port", board.port), "--board", "`secnode flash`")
    said = complaint(secnode, "--port", board.port, "--board", "RPI_PICO")
    assert harness.mentions(said, "RPI_PICO", "standard")
    monkeypatch.setattr(boards, "is_the_same", lambda *_: True)
    rows = rows_of(secnode, board, "--board", "RPI_PICO", "--yes")
    assert rows["sensor"][0] == "FAIL" and "ImportError" in rows["sensor"][1]
    assert rows["flash"][0] == rows["heap"][0] == rows["clock"][0] == "pass"


def test_another_board_than_was_said(flashed, secnode):
    flashed.plug()
    assert harness.mentions(complaint(secnode, "--port", flashed.port, "--board", "RPI_PICO"), "HOST", "RPI_PICO")
    assert answer(flashed, "*IDN?", 60)


def test_no_board(secnode, monkeypatch):
    monkeypatch.setattr(device, "ports", list)
    monkeypatch.setattr(device, "bootsel_drive", lambda: "")
    assert harness.mentions(complaint(secnode), "USB cable")
    assert harness.mentions(complaint(secnode, "--port", "/dev/ttyACM7"), "/dev/ttyACM7")


@pytest.mark.parametrize("words", [("--power", "80"), ("--seconds", "600"), ("--limit", "200"), ("--yes", "--no-heater")])
def test_bounds(secnode, words):
    with pytest.raises(SystemExit) as end:
        secnode("selftest", *words)
    assert end.value.code == 2


# ---- what the temperatures say

ARGS = selftest.argparse.Namespace(power=20.0, seconds=15.0, limit=60.0)
NTC = selftest.Thermistor({"series": 10000}, 10000, 3950)


def points(before, on, off, low="0"):
    found, ms = [], 0
    for phase, temperatures in (("before", before), ("on", on), ("off", off)):
        for t in temperatures:
            ms += 500
            found.append((phase, ms, NTC.share(t)))
    return [*found, ("low", 0, float(low))]


@pytest.mark.parametrize(
    ("course", "state", "words"),
    [
        (([25, 25], [25.2, 26.1], [26.4, 26.5, 26.4]), "pass", "20 % for 1.0 s: +1.5 K"),
        (([25, 25], [25.2, 25.3], [26.2, 26.2, 26.1]), "pass", "+1.2 K"),  # late, behind a lag
        (([25, 25], [25.0, 25.0], [25.0, 25.1, 25.0]), "fail", "+0.1 K"),
        (([25, 25], [24.0, 23.5], [23.4, 23.4, 23.4]), "fail", "-1.6 K"),
        (([25, 27], [], [29, 31, 33]), "fail", "with the pin low it went from 25.0 to 27.0"),
        (([25, 25], [25.2, 26.1], [27, 28, 30, 32]), "fail", "then +4.00 K/s"),
        (([25, 25], [25.2, 26.1], [26.4, 26.4], "1"), "fail", "its pin is high afterwards"),
        (([61, 61], [], [61, 61]), "fail", "refused: it is at 61.0"),
    ],
)
def test_answers_of_a_heater(course, state, words):
    found = selftest.answer_of_heater(points(*course), NTC, ARGS)
    assert found[0] == state and words in found[1], found


@pytest.mark.parametrize("name", [*boards.names(), "HOST"])
def test_a_thermistor_on_each_board(name):
    definition = paths.BOARDS / name / "board.py"
    divider = {}
    for line in definition.read_text().splitlines():
        if line.startswith("DIVIDER"):
            divider = eval(line.partition("=")[2].partition("  #")[0])
    thermistor = selftest.Thermistor(divider, 10000, 3950)
    for temperature in (-10, 25, 60, 130):
        assert abs(thermistor.temperature(thermistor.share(temperature)) - temperature) < 0.01
        assert not thermistor.fault(thermistor.share(temperature))
    assert thermistor.fault(1.0) == "open" and thermistor.fault(0.0) == "shorted"
