"""`mpremote mip install` of this repository: the framework alone, for firmware of one's own; as docs/framework.md has it."""

import functools
import hashlib
import http.server
import json
import re
import subprocess
import sys
import threading

import pytest

from host_tests import harness
from host_tests.deploy.emulated import answer
from tools import paths

PACKAGE = json.loads((harness.ROOT / "package.json").read_text())
SOURCES = dict(PACKAGE["urls"])


def test_it_lists_the_framework_and_nothing_else():
    folders = [paths.FIRMWARE / name for name in ("secnode", "transport")]
    wanted = {p.relative_to(paths.FIRMWARE).as_posix() for folder in folders for p in folder.rglob("*.py")}
    wanted |= {"settings.py", "inputs.py", "outputs.py", "buses.py"}  # what boards/ need
    wanted |= {"drivers/__init__.py", "drivers/i2c.py", "drivers/spi.py"}
    assert SOURCES == {name: f"firmware/{name}" for name in wanted}
    assert PACKAGE["version"] == paths.version()


def digests(prefix=""):
    return {prefix + name: hashlib.sha256((harness.ROOT / url).read_bytes()).hexdigest() for name, url in SOURCES.items()}


def mpremote(board, *words, cwd=harness.ROOT):
    command = [sys.executable, "-m", "mpremote", "connect", board.port, *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def served():
    """This checkout by HTTP: its address."""
    handler = functools.partial(Quiet, directory=harness.ROOT)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_by_http(board, served):
    board.plug()
    mpremote(board, "mip", "install", "--target", "/lib", f"{served}/package.json")
    board.unplug()
    assert board.listing() == digests("lib/")


def test_firmware_of_ones_own(board, secnode, tmp_path):
    """The steps of docs/framework.md, with the README's sensor."""
    (code,) = re.findall(r"```python\n(.*?)```", (harness.ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    (main,) = re.findall(r"```python\n(.*?)```", (harness.ROOT / "docs" / "framework.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "light.py").write_text(code)
    (tmp_path / "main.py").write_text(main.replace("0.0.0.0", "127.0.0.1").replace("10767", str(board.tcp)))
    result, said = secnode("describe", tmp_path / "light.py", "--write", tmp_path / "frozen")
    assert result == 0 and len(said.split()) == 4, said
    board.load({"board.py": (paths.BOARDS / "HOST" / "board.py").read_bytes()})
    board.plug()
    mpremote(board, "mip", "install", "package.json")
    frozen = [f"frozen/{name}" for name in ("description.json", "discovery.json", "outputs.txt", "stamp.py")]
    mpremote(board, "cp", "light.py", *frozen, "main.py", ":", cwd=tmp_path)
    board.unplug()
    board.plug()
    assert answer(board, "*IDN?", 60) == "ISSE,SECoP,V2019-09-16,v1.0"
    with harness.Wire(("127.0.0.1", board.tcp)) as wire:
        assert wire.ask("read light:value").startswith("reply light:value")
        assert harness.split(wire.ask("describe"))[2]["equipment_id"] == "mylab_light"


def test_a_folder_that_can_not_be_written(secnode, tmp_path):
    (tmp_path / "taken").touch()
    result, said = secnode("describe", "outside", "--write", tmp_path / "taken")
    assert result == 2 and "can't write into" in said
