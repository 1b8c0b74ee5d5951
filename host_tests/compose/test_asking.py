"""`secnode new` and `secnode configure` with composed files, as a person uses them."""

import subprocess
import sys

from host_tests.compose.broken import GOOD
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
    assert "there is no humdity: did you mean humidity?" in done.stdout
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
    assert done.returncode == 2 and "minimum (1500) has to be below maximum (1100)" in done.stderr
    assert path.read_text() == "# mine\n" + GOOD.replace("power = 800", "power = 600")
