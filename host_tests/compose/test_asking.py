"""`secnode new` and `secnode configure` with composed files, as a person uses them."""

import json
import re
import subprocess
import sys

from host_tests.compose.broken import GOOD
from host_tests.compose.files import documented
from host_tests.harness import mentions
from tools import paths


def secnode(*words, typed=""):
    return subprocess.run(
        [sys.executable, "-m", "tools", *map(str, words)],
        input=typed,
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_new_asks_its_way_to_a_file_that_describes_a_node(tmp_path):
    path = tmp_path / "lab.toml"
    typed = "RPI_PICO_W\nmylab_air\nair of the lab\nsht4x\nair\n\n\nhumdity\nhumidity\n\n"
    done = secnode("new", path, typed=typed)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\bhumdity\b.*\bhumidity\b", done.stdout)
    assert 'driver = "sht4x"\nbus = "i2c0"\nquantity = "humidity"' in path.read_text()
    assert "SCL GPIO5, SDA GPIO4, address 0x44" in done.stdout and "4.7 kΩ" in done.stdout
    assert "mylab_air" in secnode("describe", path).stdout
    again = secnode("new", path)
    assert again.returncode == 2 and "already" in again.stderr


def test_configure_changes_a_composed_file_and_nothing_else_in_it(tmp_path):
    path = tmp_path / "lab.toml"
    path.write_text("# mine\n" + GOOD)
    assert "heater.output.power         800" in secnode("configure", path, "--keys").stdout
    done = secnode("configure", path, "--set", "heater.output.power=600")
    assert done.returncode == 0, done.stderr
    assert path.read_text() == "# mine\n" + GOOD.replace("power = 800", "power = 600")
    done = secnode("configure", path, "--set", "heater.minimum=1500")
    assert done.returncode == 2 and mentions(done.stderr, "minimum", "1500", "maximum", "1100")
    assert path.read_text() == "# mine\n" + GOOD.replace("power = 800", "power = 600")


def test_new_asks_for_an_instrument_and_its_line(tmp_path):
    path = tmp_path / "meter.toml"
    typed = "RPI_PICO\nmylab_meter\na voltmeter\nline_readable\nvoltage\nmeter\n\nuart1\n\n7\nodd\n\n*IDN?\nACME,METER7\n\n"
    typed += "MEAS? 1\nV\n"
    typed += "line_writable\nrange\nmeter\nRANGE?\nRANGE %d\n\n\n0\n3\n\n"
    done = secnode("new", path, typed=typed)
    assert done.returncode == 0, done.stderr + done.stdout
    text = path.read_text()
    assert '[bus.uart1]\nbits = 7\nparity = "odd"\n' in text
    assert '[devices.meter]\ndriver = "line_device"\nbus = "uart1"\nidentify = "*IDN?"\nidentity = "ACME,METER7"\n' in text
    assert '[modules.range]\ndriver = "line_writable"\ndevice = "meter"\nquery = "RANGE?"\n' in text
    assert text.endswith('command = "RANGE %d"\nlow = 0\nhigh = 3\n')
    assert mentions(done.stdout, "1 to 120") and text.count("[devices.") == 1


def test_configure_changes_an_instruments_line(tmp_path):
    path = tmp_path / "meter.toml"
    path.write_text(documented()["meter.toml"])
    keys = secnode("configure", path, "--keys").stdout
    for line in (
        "bus.uart1.baudrate          9600",
        "bus.uart1.stop              1",
        "devices.meter.timeout       500",
        "voltage.query               MEAS? 1",
    ):
        assert line in keys
    done = secnode(
        "configure", path, "--set", "bus.uart1.baudrate=19200", "--set", "devices.meter.retries=5", "--set", "bus.uart1.stop=2"
    )
    assert done.returncode == 0, done.stderr
    text = path.read_text()
    assert "baudrate = 19200\n" in text and "retries = 5\n" in text and "stop = 2\n" in text
    done = secnode("configure", path, "--set", "bus.uart1.parity=mark")
    assert done.returncode == 2 and mentions(done.stderr, "bus.uart1.parity", "none", "even", "odd")
    done = secnode("configure", path, "--unset", "devices.meter.retries")
    assert done.returncode == 0 and "retries" not in path.read_text()


def test_describe_gives_pins_and_parts(tmp_path):
    path = tmp_path / "furnace.toml"
    path.write_text(documented()["furnace.toml"])
    done = secnode("describe", path)
    assert json.loads(done.stdout)["equipment_id"] == "mylab_furnace"
    assert (
        "cs GPIO17, spi0: SCK GPIO18, MOSI GPIO19, MISO GPIO16" in done.stderr and "--wiring FILE.svg draws it" in done.stderr
    )
