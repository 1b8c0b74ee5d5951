"""Every board of boards/: its definition fits what its chip and its port have, and every node is described and runs on it."""

import json
import re
import shutil
import subprocess
import tempfile
import time

import pytest

from host_tests import harness
from host_tests.boards import facts
from host_tests.boards.conftest import BOARDS, Definition, files
from tools import paths
from tools.__main__ import main
from tools.build import frozen
from tools.image import boards, image, nodes, source
from tools.problem import Problem
from tools.proof import wiring

# those of instruments need a UART that not every board has left
NODES = [name for name in nodes.names() if name not in harness.INSTRUMENTS]
OPTIONAL = {"CLIENTS", "SETTINGS", "DISCOVERY", "OFFER_S", "MAINTENANCE", "MAINTENANCE_S", "TCP_HOST", "WEB"}


# ---- the definition


def test_every_board_has_its_facts():
    """A new board is one folder, and one entry of facts.py, which says where its numbers are from."""
    assert set(BOARDS) == set(facts.BOARDS)


def test_there_is_no_such_board():
    with pytest.raises(Problem) as problem:
        image.describe("outside", "RPI_PICO_9")
    assert harness.mentions(str(problem.value), "'RPI_PICO_9'", "ESP32_GENERIC")


def test_it_has_the_names_of_the_simulated_board(board):
    """So that nodes and main.py run on each unchanged."""
    host = set(re.findall("^([A-Z][A-Z0-9_]*) = ", (paths.BOARDS / "HOST" / "board.py").read_text(), re.M))
    assert host - OPTIONAL <= set(vars(board))
    source = boards.file(board.NAME).read_text()
    assert "def adc(pin):" in source and "from outputs import __getattr__, off, pin_out, pwm " in source
    assert set(vars(board)) - host - {"facts", "COUNTERS", "LAN", "PHY"} == {"ADC_PINS"}
    assert boards.file(board.NAME).parent.name == board.NAME


def test_the_tools_know_it(board):
    """By what its MicroPython calls itself, 1.23 to 1.28, and how that gets onto it."""
    known = boards.load(board.NAME)
    assert known["port"] == board.facts["port"]
    for name in board.facts["machine"]:
        assert [other for other in BOARDS if boards.is_the_same(boards.load(other), "", name)] == [board.NAME]
    assert boards.is_the_same(known, board.NAME, "") and boards.is_the_same(known, board.NAME + "-SPIRAM", "")
    if board.facts["port"] == "rp2":
        assert known["uf2"] == board.facts["chip"]
    else:
        assert known["chip"] == board.facts["chip"].replace("-", "").lower()
        assert known["offset"] == {"esp32": "0x1000"}.get(known["chip"], "0x0")


def drawn(board):
    pins = [board.HEATER_PIN, board.SENSOR_ADC, board.OUTSIDE_ADC]
    if board.UART:
        pins += [board.UART[key] for key in ("tx", "rx")]
    return pins


def test_the_tools_know_its_pins(board):
    """board.json says of them what facts.py does."""
    known = boards.pins(boards.load(board.NAME))
    assert known.pop("there") == sorted(board.facts["pins"])
    assert known.pop("inputs", []) == sorted(set(board.facts["pins"]) - set(board.facts["outputs"]))
    assert known.pop("high", []) == board.facts["high"]
    assert {pin: why for why, pins in known.items() for pin in pins} == board.facts["taken"]


def used(board):
    pins = drawn(board)
    for _, *wires in (*board.I2C.values(), *board.SPI.values(), *board.UARTS.values()):
        pins += wires
    return pins + list(board.ONEWIRE.values())


def test_each_pin_has_one_purpose(board):
    assert len(set(used(board))) == len(used(board))


def test_pins_are_there_and_free(board):
    """No strapping, flash, PSRAM, USB or console pin, and none of the radio; also among those that may be chosen instead."""
    for pin in (*used(board), *board.OUTPUTS, *board.HEATER_PINS, *board.ADC_PINS):
        assert pin in board.facts["pins"], pin
        assert pin not in board.facts["taken"], f"GPIO{pin} is the {board.facts['taken'].get(pin)}'s"


def test_outputs(board):
    assert board.HEATER_PIN in board.OUTPUTS and board.HEATER_PIN in board.HEATER_PINS
    for pin in (*board.OUTPUTS, *board.HEATER_PINS):
        assert pin in board.facts["outputs"]
        assert pin not in board.facts["high"], "for a moment at power on the heater would be on"
    if board.facts["heaters"]:
        assert set(board.HEATER_PINS) <= set(board.facts["heaters"]), "after a soft reset it would stay on"


def test_digital_pins(board):
    """Free for whatever a node wants, at least three: the chip can drive them, and no default of a node is there."""
    pins = board.DIGITAL_PINS
    assert len(pins) == len(set(pins)) >= 3
    assert set(pins) <= set(board.facts["outputs"]) - set(board.facts["taken"]) - set(board.facts["high"])
    assert not set(pins) & set(drawn(board))


def test_inputs(board):
    """ADC1 alone on an ESP32: the other one does not work while Wi-Fi is on."""
    assert board.SENSOR_ADC in board.ADC_PINS and board.OUTSIDE_ADC in board.ADC_PINS
    assert set(board.ADC_PINS) <= set(board.facts["adc"])


def test_pwm_timer_watchdog(board):
    low, high = board.facts["pwm"]
    assert low <= board.PWM_HZ[0] < 100 < board.PWM_HZ[1] <= high, "drivers/pwm_heater.py needs 100 Hz"
    assert {board.TIMER, board.RELAY_TIMER} <= set(board.facts["timers"])
    assert board.TIMER == -1 or board.TIMER != board.RELAY_TIMER, "one would take it from the other"
    low, high = board.facts["watchdog"]
    assert low <= board.WATCHDOG <= high


def test_ways_in(board):
    assert board.WIFI == board.facts["wifi"]
    assert board.ETHERNET == board.facts["ethernet"]
    online = board.WIFI or board.ETHERNET
    assert (board.TCP_PORT == 10767 and board.TCP_HOST == "0.0.0.0") if online else board.TCP_PORT is None
    assert board.CONSOLE is not None
    id, tx, rx = (board.UART[key] for key in ("id", "tx", "rx"))
    assert id in board.facts["uarts"]
    pins = board.facts["uarts"][id]
    assert pins is None or (tx in pins[0] and rx in pins[1])
    assert tx in board.facts["outputs"]


def test_buses(board):
    """Each at pins that its peripheral can have; on an ESP32 those are free to choose, among the outputs."""
    for kind, buses in (("i2c", board.I2C), ("spi", board.SPI)):
        for name, (id, *wires) in buses.items():
            assert name == f"{kind}{id}"
            allowed = board.facts[kind][id]
            assert allowed is None or all(pin in pins for pin, pins in zip(wires, allowed, strict=True)), name
            driven = wires if kind == "i2c" else wires[:2]
            assert set(driven) <= set(board.facts["outputs"]), name
    assert set(board.ONEWIRE.values()) <= set(board.facts["outputs"])
    for name, (id, tx, rx) in board.UARTS.items():
        assert name == f"uart{id}" and id in board.facts["uarts"] and id != board.UART["id"]
        allowed = board.facts["uarts"][id]
        assert allowed is None or (tx in allowed[0] and rx in allowed[1]), name
        assert tx in board.facts["outputs"] and rx in board.facts["pins"]


def test_the_divider_fits_the_adc(board):
    """An RP2040 measures ratios, an ESP32 volts, of which it sees 0.15 to 2.45."""
    assert ("supply" in board.DIVIDER) == board.facts["uv"]
    assert ("ATTN_11DB" in boards.file(board.NAME).read_text()) == board.facts["uv"]
    if board.facts["uv"]:
        cold, hot = (board.DIVIDER["supply"] * r / (r + board.DIVIDER["series"]) for r in (58200, 317))  # -10 and 130 degC
        assert 0.15 < hot < cold < 2.45


# ---- how it is wired


def readme(board):
    return (boards.file(board.NAME).parent / "README.md").read_text()


def test_the_readme_says_what_is_wired_where(board):
    text = readme(board)
    table = dict(re.findall(r"^\| ([^|]*?) +\| \*\*(GP(?:IO)?\d+)\*\*", text, re.M))
    prefix = "GP" if board.facts["port"] == "rp2" else "GPIO"
    wanted = {
        "transistor's gate": board.HEATER_PIN, "thermistor on the heated part": board.SENSOR_ADC,
        "thermistor outside": board.OUTSIDE_ADC, "UART transmit": board.UART["tx"], "UART receive": board.UART["rx"],
    }  # fmt: skip
    assert table == {what: f"{prefix}{pin}" for what, pin in wanted.items()}
    assert "wiring.svg" in text


@pytest.mark.parametrize("words", ["pull-down", "thermal cut-out", "4.7 kΩ", "fuse", "MicroPython", "not yet on"])
def test_the_readme_names_what_is_dangerous_and_what_was_tried(board, words):
    assert words in readme(board)


def test_the_picture_is_of_these_pins(board):
    """`python3 -m tools.proof.wiring` draws them all anew."""
    picture = (boards.file(board.NAME).parent / "wiring.svg").read_text()
    assert picture == wiring.picture(board.NAME)
    prefix = "GP" if board.facts["port"] == "rp2" else "GPIO"
    for pin in drawn(board):
        assert f">{prefix}{pin}<" in picture


# ---- the firmware frozen into one's own MicroPython


def test_the_manifest_freezes_the_firmware(board):
    """All of it but what is a node's or a board's own: that stays on the filesystem, where it can be changed."""
    manifest = frozen.of_board(board.NAME)
    wanted = {p.relative_to(paths.FIRMWARE).as_posix() for p in paths.FIRMWARE.rglob("*.py")} - {"boot.py", "main.py"}
    network = board.WIFI or board.ETHERNET
    left_out = ("nodes/",)
    if not network:
        left_out += ("net/", *(f"transport/{name}.py" for name in ("tcp", "room", "discovery", "web", "websocket")))
    assert set(manifest.files) == {name for name in wanted if not name.startswith(left_out)} | {"frozen.py"}
    # what the board's MicroPython has frozen anyway
    own = "$(BOARD_DIR)/manifest.py" if board.facts["port"] == "rp2" and board.TCP_PORT else "$(PORT_DIR)/boards/manifest.py"
    assert manifest.included == [own]
    # and nothing on the filesystem hides it
    beside = image.beside_frozen(files("oven", board.NAME))
    own = {
        "boot.py",
        "main.py",
        "board.py",
        "stamp.py",
        "description.json",
        "discovery.json",
        "outputs.txt",
        "nodes/__init__.py",
        "nodes/oven.py",
        *(["panel"] if network else []),
    }
    assert set(beside) == own
    assert not {path.partition("/")[0] for path in beside} & {path.partition("/")[0] for path in manifest.files}


def test_the_digest_is_of_all_that_is_frozen(monkeypatch, tmp_path):
    for name in ("boards", "firmware"):
        shutil.copytree(paths.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(paths, "BOARDS", tmp_path / "boards")

    def digests():
        return [frozen.of_board(name).digest for name in ("RPI_PICO", "RPI_PICO_W", "ESP32_GENERIC")]

    before = digests()
    assert before[0] != before[1] == before[2] and digests() == before and len(before[0]) == 16

    def edit(name, to_each):
        path = tmp_path / "firmware" / name
        path.write_bytes(to_each(path.read_bytes()))
        return [old != new for old, new in zip(before, digests(), strict=True)]

    # a node's own; and how another system ends lines
    assert not any(edit("nodes/oven.py", lambda text: text + b"# mine\n") + edit("main.py", lambda text: text + b"# mine\n"))
    assert not any(edit("secnode/node.py", lambda text: text.replace(b"\n", b"\r\n")))
    assert edit("net/udp.py", lambda text: text + b"# mine\n") == [False, True, True]
    assert edit("secnode/node.py", lambda text: text + b"# mine\n") == [True, True, True]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "boards"))
    there = set((tmp_path / "boards").iterdir())
    digests()
    assert set((tmp_path / "boards").iterdir()) == there
    assert frozen.of_board("HOST") is None
    (tmp_path / "boards/manifest.py").write_text("1 / 0\n")
    with pytest.raises(Problem, match=r"manifest\.py .*: ZeroDivisionError"):
        frozen.of_board("RPI_PICO")


# ---- nodes on it


COUPLE = ("furnace", "thermocouple", "cold_junction")
NEEDS = {"furnace": "SPI"}  # a kind of bus that not every board has
COUNTERLESS = ("pulse_counter", "ESP32_GENERIC_C3")


def lacks(board, node):
    """Whether a board has not what a node needs."""
    return (node in NEEDS and not getattr(board, NEEDS[node])) or (node, board.NAME) == COUNTERLESS


def test_a_node_without_its_bus_is_refused_in_words():
    with pytest.raises(Problem) as problem:
        image.describe("furnace", "ESP32_GENERIC_C3")
    assert harness.mentions(str(problem.value), "ESP32_GENERIC_C3", "SPI", "board.py", "none")


def test_a_board_without_counters_is_told(capsys):
    assert main(["describe", "pulse_counter", "--board", COUNTERLESS[1]]) == 2
    assert harness.mentions(capsys.readouterr().err, "ValueError", "counter", "1.26")


@pytest.mark.parametrize("node", NODES)
def test_every_node_is_the_same_on_each_board(board, node):
    if lacks(board, node):
        return  # the tests before
    first = files(node, board.NAME)["description.json"].splitlines()[0]
    assert first == files(node, "HOST")["description.json"].splitlines()[0]


@pytest.mark.parametrize("node", harness.INSTRUMENTS)
def test_a_node_of_an_instrument_needs_a_uart(board, node):
    if board.UARTS or node == "lakeshore336":  # by TCP
        first = files(node, board.NAME)["description.json"].splitlines()[0]
        assert first == files(node, "HOST")["description.json"].splitlines()[0]
    else:
        with pytest.raises(Problem, match="UARTS in its board.py: none"):
            files(node, board.NAME)


def test_its_definition_lands_on_the_board(board):
    assert f'NAME = "{board.NAME}"'.encode() in files("oven", board.NAME)["board.py"]
    assert "board.py" not in files("oven", "HOST")


ANSWERS = {
    "gas_line": ["read door:value", "read level:value", "change valve:target 1", "change flow:target 5", "read pressure:value"],
    "outside": ["read outside:value"],
    "pulse_counter": ["do detector:go", "read counts:value", "do detector:stop"],
    "example_heater": ["read outside:value", "read heater:value", "change heater:target 60", "do heater:stop"],
    "oven": ["read heater:value", "read sensor:_raw", "change heater:target 60", "read heater_power:value"],
    "relay_oven": ["read heater:value", "change heater:target 60", "read heater_power:value", "do heater:control_off"],
    "vector_magnet": ["read cryo:value", "check mf:target [0, 0, 1]"],
    "furnace": ["read furnace:value", "read thermocouple:_raw", "read cold_junction:value", "change furnace:target 200"],
}
RUNS = [(node, name) for name in BOARDS for node in NODES if not lacks(Definition(name), node)]


@pytest.mark.parametrize(("node", "name"), RUNS)
def test_every_node_runs_on_each_board(power_on, node, name):
    """With the board's own ways in: SECoP over its USB; its pins are low at boot and at the end."""
    board = Definition(name)
    powered = power_on(node, name)
    assert powered.console.ask("*IDN?") == "ISSE,SECoP,V2019-09-16,v1.0"
    if node == "furnace":  # its chip takes a while to its first conversion
        harness.wait(lambda: all(powered.console.ask(f"read {name}:value").startswith("reply") for name in COUPLE))
    for line in ANSWERS[node]:
        answer = powered.console.ask(line)
        assert not answer.startswith("error"), answer
        if ":value" in line and node not in ("vector_magnet", "gas_line", "pulse_counter") and "power" not in line:
            assert 15 < harness.split(answer)[2][0] < 35
    if node == "oven":
        # so that the heater's PWM is under way
        deadline = time.monotonic() + 60
        while harness.split(powered.console.ask("read heater_power:value"))[2][0] < 1:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    said = powered.stop()
    log = powered.log.replace("0.0", "0")
    driven = [board.HEATER_PIN, *(board.DIGITAL_PINS[:1] if node == "gas_line" else ())]
    off = [(pin, 0) for pin in driven]
    if node == "furnace":
        off.append((board.DIGITAL_PINS[0], 1))  # a chip that is not selected
    low = sorted(off)
    assert f"at boot {low}" in log and f"exit code 0 levels {low} timers 0" in log, log
    assert "Traceback" not in log + said and "error" not in said


@pytest.mark.parametrize("name", BOARDS)
def test_each_way_in(power_on, name):
    """USB and UART at once; Ethernet where the board has it, Wi-Fi where settings.json has a network, too."""
    board = Definition(name)
    settings = json.dumps({"wifi": {"ssid": "HOST", "password": "secnode-host"}})
    powered = power_on("oven", name, settings=settings)
    for line in (powered.console, powered.uart):
        identification = line.ask("*IDN?")
        while not identification.startswith("ISSE"):
            identification = line.line()  # a serial line has no begin: what it said at the start came first
        assert line.ask("read sensor:value").startswith("reply")
    if board.WIFI or board.ETHERNET:
        with harness.Wire(("127.0.0.1", powered.port), 60) as wire:
            assert wire.ask("*IDN?", 60).startswith("ISSE")
    else:
        with pytest.raises(ConnectionRefusedError):
            harness.Wire(("127.0.0.1", powered.port))
    said = powered.stop()
    assert "UART at 115200 baud" in said and ("serves SECoP on 127.0.0.1" in said) == (board.WIFI or board.ETHERNET)


@pytest.mark.parametrize(
    ("name", "pin", "taken"),
    [
        ("RPI_PICO", 7, True), ("RPI_PICO", 16, True), ("RPI_PICO_W", 8, False), ("RPI_PICO", 15, False),
        ("RPI_PICO", 26, False),
        ("RPI_PICO2_W", 11, True), ("RPI_PICO2_W", 12, False), ("ESP32_GENERIC", 33, True), ("ESP32_GENERIC", 14, False),
        ("HOST", 15, True),
    ],
)  # fmt: skip
def test_a_heater_that_would_stay_on_after_a_soft_reset_is_refused(tmp_path, name, pin, taken):
    node = tmp_path / "mine.py"
    node.write_text((paths.FIRMWARE / "nodes" / "oven.py").read_text().replace("board.HEATER_PIN", str(pin)))
    if taken:
        image.describe(str(node), name)
        return
    with pytest.raises(Problem) as problem:
        image.describe(str(node), name)
    assert harness.mentions(str(problem.value), "module heater", f"pin {pin}", name)


@pytest.mark.parametrize(
    ("name", "frequency", "bound"),
    [
        ("RPI_PICO", 25000, None), ("ESP32_GENERIC_C3", 20, None), ("HOST", 50, None),
        ("RPI_PICO", 19, "20 Hz"),
        ("ESP32_GENERIC", 1, "20 Hz"), ("HOST", 0, "20 Hz"), ("HOST", -100, "20 Hz"),
        ("RPI_PICO", 70000000, "8 to 62500000 Hz"),
        ("ESP32_GENERIC", 70000000, "1 to 40000000 Hz"),
        ("RPI_PICO2_W", 200000, "100000 Hz"),
        ("RPI_PICO_W", 99.5, "99.5 Hz"),
    ],
)  # fmt: skip
def test_a_frequency_that_a_board_can_not_make_is_refused(tmp_path, name, frequency, bound):
    node = tmp_path / "mine.py"
    node.write_text(source.read(image.node_file("oven")).replace("frequency=100", f"frequency={frequency}"))
    if bound is None:
        image.describe(str(node), name)
        return
    with pytest.raises(Problem) as problem:
        image.describe(str(node), name)
    text = str(problem.value)
    assert text.startswith(f"{node}:") and "\n" not in text and harness.mentions(text, "heater", bound)


def test_other_pwm_has_the_boards_bounds_too(tmp_path):
    node = tmp_path / "mine.py"
    oven = source.read(image.node_file("oven"))
    node.write_text(oven.replace("    heater = ", "    board.pwm(14, freq=5)\n    heater = "))
    image.describe(str(node), "ESP32_GENERIC")
    with pytest.raises(Problem, match=r"mine\.py:\d+: ValueError: .*\b8 to 62500000 Hz.*\b5$"):
        image.describe(str(node), "RPI_PICO")


@pytest.mark.parametrize(("name", "pin", "refused"), [("RPI_PICO", 3, True), ("RPI_PICO", 4, False), ("HOST", 3, False)])
def test_two_heaters_of_one_slice_have_one_frequency(tmp_path, name, pin, refused):
    """GP2 and GP3, GP2 and GP18: on an RP2 the later one would change the other's."""
    node = tmp_path / "two.py"
    text = (
        (harness.NODES / "outputs.py").read_text().replace("supply=24)", "supply=24, frequency=100 if pin == second else 50)")
    )
    text = text.replace("heater = PWM", f"second = {pin}\n    heater = PWM").replace("second, 60", f"{pin}, 60")
    node.write_text(text)
    if not refused:
        image.describe(str(node), name)
        return
    with pytest.raises(Problem) as problem:
        image.describe(str(node), name)
    assert harness.mentions(str(problem.value), "pins 2 and 3", "PWM frequency", "RPI_PICO", "50 and 100 Hz")


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("ESP32_GENERIC", "board.RELAY_TIMER", "board.TIMER", ("timer", "0", "board.RELAY_TIMER")),
        ("RPI_PICO", "board.RELAY_TIMER", "board.TIMER", None),  # it has as many as one likes
        ("RPI_PICO", "board.pin_out(board.HEATER_PIN)", "15", ("module heater", "pin 15", "RPI_PICO")),
        ("HOST", "period=2", "period=0.1", ("period", "0.5 to 60 s", "0.1")),
        ("HOST", "mains=50", "mains=400", ("mains", "50 or 60 Hz", "400")),
    ],
)  # fmt: skip
def test_a_relay_that_a_board_can_not_have_is_refused(tmp_path, name, old, new, named):
    node = tmp_path / "mine.py"
    node.write_text(source.read(image.node_file("relay_oven")).replace(old, new))
    if named is None:
        image.describe(str(node), name)
        return
    with pytest.raises(Problem) as problem:
        image.describe(str(node), name)
    assert harness.mentions(str(problem.value), *named)


BROKEN = {
    "RPI_PICO": [
        ("SENSOR_ADC = 26", "SENSOR_ADC = 29", "no ADC"),
        ("TIMER = -1", "TIMER = 0", "Timer 0 does not exist"),
        ("HEATER_PIN = 2 ", "HEATER_PIN = 25 ", "the led's"),
        ('"tx": 0', '"tx": 2', "bad pin 2"),
        ("return ADC(pin)", "return ADC(pin, atten=3)", "extra keyword"),
    ],
    "ESP32_GENERIC": [
        ("SENSOR_ADC = 34", "SENSOR_ADC = 27", "no ADC that works with Wi-Fi"),
        ("HEATER_PIN = 23", "HEATER_PIN = 34", "can't be an output"),
        ("HEATER_PIN = 23", "HEATER_PIN = 12", "the strapping's"),
        ('"tx": 25', '"tx": 16', "bad pin 16"),
        ("TIMER = 0", "TIMER = -1", "Timer -1 does not exist"),
        (", atten=ADC.ATTN_11DB", "", "the guard"),
    ],
}


@pytest.mark.parametrize(("name", "right", "wrong", "words"), [(name, *case) for name in BROKEN for case in BROKEN[name]])
def test_a_wrong_definition_would_be_noticed(power_on, name, right, wrong, words):
    """The limits that the nodes run under above are worth something."""
    source = boards.file(name).read_text()
    assert right in source
    powered = power_on("oven", name, contents={**files("oven", name), "board.py": source.replace(right, wrong).encode()})
    if words == "the guard":
        # it reads, but nothing above 0.95 V: the temperature is wrong
        powered.console.ask("*IDN?")
        assert not 15 < harness.split(powered.console.ask("read sensor:value"))[2][0] < 35
        return
    assert powered.process.wait(60) != 0
    assert words in powered.log + powered.process.stdout.read().decode()


DEAD_MEN = """
import sys
import time
sys.path[:0] = sys.argv[1:4]
if sys.implementation.name == "cpython":
    sys.path.insert(0, sys.argv[4])
    import cpython
import facts, limits, board, machine
limits.limit(facts.BOARDS[sys.argv[5]])
from drivers.deadman import DeadMan
from secnode import pace
cut = []
men = [DeadMan(lambda name=name: cut.append(name), timeout=300, timer=int(sys.argv[6])) for name in "abc"]
men[2].deinit()
for man in men:
    man.renew()
begin = pace.ticks_ms()
while pace.ticks_diff(pace.ticks_ms(), begin) < 900:
    time.sleep_ms(5)
print(cut, [man.has_cut for man in men])
men[0].deinit()
men[1].deinit()
print(len(machine.Timer._running))
"""


@pytest.mark.parametrize("name", BOARDS)
def test_each_heater_has_its_dead_man(level, name, tmp_path):
    """Also where the board has one timer for all of them, as an ESP32: there the last one would have it."""
    script = tmp_path / "script.py"
    script.write_text(DEAD_MEN)
    folders = [image.build("outside"), paths.BOARDS / "HOST", paths.ROOT / "host_tests" / "boards", paths.SHIMS]
    words = [harness.interpreter(level), script, *folders, name, Definition(name).TIMER]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    assert done.stdout == "['a', 'b'] [True, True, False]\n0\n", done.stdout + done.stderr


@pytest.mark.parametrize("name", BOARDS)
def test_all_outputs_of_a_node_are_off_on_each_board(power_on, name):
    """Two heaters, a relay that is off at 1 and a valve; at boot and at the end, when all had been on."""
    board = Definition(name)
    powered = power_on(str(harness.NODES / "outputs.py"), name)
    pins = [int(line.split()[0]) for line in files(str(harness.NODES / "outputs.py"), name)["outputs.txt"].splitlines()[:-1]]
    assert len(set(pins)) == 4 and pins[0] == board.HEATER_PIN
    assert powered.console.ask("*IDN?").startswith("ISSE")
    for line in ("upper:target 60", "lower:target 40", "relay:target true", "valve:target true"):
        answer = powered.console.ask(f"change {line}")
        assert answer.startswith("changed"), answer
    powered.stop()
    off = f"{sorted(zip(pins, (0, 0, 1, 0), strict=True))}"
    log = re.sub(r"\b(\d)\.0\b", r"\1", powered.log)
    assert f"at boot {off}" in log and f"exit code 0 levels {off} timers 0" in log, log
