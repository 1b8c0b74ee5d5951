"""Whatever MicroPython's `machine` and its boards' own modules have, by their stubs, can be named and made on a PC."""

import ast
import json
import subprocess

import pytest

from host_tests import harness
from tools import paths
from tools.build import lint
from tools.image import boards

level = harness.level_fixture(*harness.LEVELS)

MODULES = "machine onewire ds18x20 dht neopixel framebuf rp2 esp32 apa106 micropython".split()
# what the documentation of some port has, and the stubs of both
ELSEWHERE = {"ADCWiPy", "ADCBlock", "RTC_WAKE", "WLAN_WAKE", "IDLE", "SLEEP", "DEEPSLEEP", "DEEPSLEEP_RESET", "PIN_WAKE"}
ELSEWHERE |= {"HARD_RESET", "SOFT_RESET", "SDCard"}
UNTOLD = {"bootloader", "I2CTarget", "USBDevice"}  # of an ESP32 by its port's source
# of the stubs alone
NOT_THERE = {"machine": {"ATTN_0DB", "const"}, "micropython": {"Const", "RingIO"}}
PYTHON = {"abc", "builtins", "enum", "types", "typing", "typing_extensions"}


@pytest.fixture(scope="module", params=["rp2", "esp32"])
def stubs(request):
    folder = lint.stubs(request.param)
    if folder is None:
        if harness.in_ci():
            raise FileNotFoundError("the stubs can't be fetched")
        pytest.skip("the stubs can't be fetched here")
    return request.param, folder


def is_public(name):
    return not name.startswith("_")


def members(statement):
    for inner in statement.body:
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield inner.name
        elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name) and inner.target.id.isupper():
            # those in lower case are an instance's
            yield inner.target.id


def named(folder, module):
    """What a stub names: {name: its members}."""
    files = [folder / f"{module}.pyi", *sorted((folder / module).glob("*.pyi"))]
    found = {}
    for path in files:
        for statement in ast.parse(path.read_text("utf-8")).body if path.is_file() else ():
            if isinstance(statement, ast.ClassDef):
                found[statement.name] = sorted(filter(is_public, members(statement)))
            elif isinstance(statement, ast.FunctionDef):
                found[statement.name] = []
            elif isinstance(statement, ast.AnnAssign) and ast.unparse(statement.annotation) != "TypeAlias":
                found[statement.target.id] = []
    hidden = NOT_THERE.get(module, set())
    return {name: members for name, members in found.items() if is_public(name) and name not in hidden}


def test_all_that_a_board_has_can_be_named_and_made(level, stubs):
    _, folder = stubs
    wanted = {module: named(folder, module) for module in MODULES if module != "micropython" or level == "cpython"}
    wanted = {module: names for module, names in wanted.items() if names}
    script = paths.ROOT / "host_tests" / "unit" / "naming.py"
    words = [str(script), str(paths.BOARDS / "HOST"), str(paths.FIRMWARE), str(paths.SHIMS)]
    done = subprocess.run(
        [harness.interpreter(level), *words], input=json.dumps(wanted) + "\n", capture_output=True, text=True, timeout=60
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("end\n", "")
    assert len(wanted["machine"]) > 30 and {"I2C", "SPI", "UART", "Pin"} <= set(wanted["machine"])


def test_what_a_port_has_is_what_its_stubs_have(stubs):
    port, folder = stubs
    has = boards.ports()[port]
    there = set(named(folder, "machine"))
    assert has["machine"] - there <= UNTOLD
    assert there - has["machine"] <= ELSEWHERE
    folders = (folder, folder / "stdlib")
    modules = {
        path.stem for top in folders for path in top.iterdir() if path.suffix == ".pyi" or (path / "__init__.pyi").is_file()
    }
    assert has["modules"] <= modules
    unknown = {name for name in modules if is_public(name) and name not in has["modules"] | PYTHON}
    # older names of the same; and what only an installation needs
    unknown -= {"u" + name for name in has["modules"]} | {"uwebsocket", "uzlib", "flashbdev", "inisetup", "platform", "upysh"}
    assert unknown <= {"webrepl", "webrepl_setup", "sre_compile", "sre_constants", "sre_parse", "stubs", "stdlib", "umachine"}
