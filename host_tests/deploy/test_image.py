"""`secnode image`: what it takes and refuses, and a file whose MicroPython is a stand-in, block by block."""

import json
import struct

import pytest

from host_tests.deploy.test_micropython import ABSOLUTE, MACHINES, RP2040, RP2350
from host_tests.harness import mentions
from tools import __main__ as program
from tools.board import dropped, uf2

_NAME, _AT, _SIZE = 0x10000000, 0x100A0000, 1408 * 1024


def info(address, size, tag=b"MP", kind=7):
    """What a program says of itself, at the very begin of flash: one block device."""
    head = struct.pack("<5I", 0x7188EBF2, _NAME + 20, _NAME + 24, 0, 0xE71AA390)
    entry = struct.pack("<I", _NAME + 24)
    return head + entry + struct.pack("<H2sIIIIH", kind, tag, 0, address, size, 0, 3)


def release(machine, family=RP2040, said=None, more=()):
    """A release of MicroPython for a board, as far as it is looked at."""
    memory = (info(_AT, _SIZE) if said is None else said) + f"\0\0MicroPython v1.28.0 on 2026-01-01\0; {machine}\r\n".encode()
    memory += bytes(-len(memory) % 256)
    pages = {_NAME + at: memory[at : at + 256] for at in range(0, len(memory), 256)}
    return b"".join(more) + uf2.written(pages, family)


@pytest.fixture
def made(tmp_path, monkeypatch, capsys):
    """made(words) runs the verb in a folder of its own: (exit code, what it said)."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = program.main(["image", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out + said.err

    run.folder = tmp_path
    return run


def test_all_the_firmware_comes_with_a_release_of_micropython(made):
    """Every sector as a whole, the blocks numbered anew, the chip's own message first as it was; and the file system holds."""
    message = release("x", ABSOLUTE)[:512]
    (made.folder / "release.uf2").write_bytes(release(MACHINES["RPI_PICO2_W"], RP2350, more=[message]))
    code, said = made("--board", "RPI_PICO2_W", "--node", "outside", "--firmware", "release.uf2")
    assert code == 0 and mentions(said, "MicroPython 1.28.0", "RPI_PICO2_W", "file system", "RP2350"), said
    content = (made.folder / "outside-RPI_PICO2_W.uf2").read_bytes()
    assert content[:512] == message
    blocks = uf2.read(content[512:])
    assert {block.family for block in blocks} == {RP2350}
    numbers = [struct.unpack_from("<2I", block.raw, 20) for block in blocks]
    assert numbers == [(i, len(blocks)) for i in range(len(blocks))]
    pages = {block.address for block in blocks}
    assert len(pages) == len(blocks) and all(at // 4096 * 4096 + i in pages for at in pages for i in range(0, 4096, 256))
    assert {_AT, _AT + 4096} <= pages and max(pages) < _AT + _SIZE
    found = held(blocks)
    assert {"boot.py", "main.py", "board.mpy", "nodes/outside.mpy", "installed.txt", "secnode/node.mpy"} <= found.keys()
    assert found["installed.txt"].decode().split("\n")[:-1] == sorted(found.keys() - {"installed.txt"})
    assert "settings.json" not in found


def held(blocks):
    """The files in the file system."""
    from littlefs import LittleFS
    from littlefs.context import UserContext

    memory = bytearray(b"\xa5" * _SIZE)  # whatever was in flash before
    for block in blocks:
        if block.address >= _AT:
            memory[block.address - _AT : block.address - _AT + 256] = block.data
    there = LittleFS(UserContext(buffer=memory), block_size=4096, block_count=_SIZE // 4096, **dropped.LAYOUT)
    found = {}
    for folder, _, names in there.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with there.open(path, "rb") as f:
                found[path.lstrip("/")] = f.read()
    return found


def test_the_same_file_comes_of_the_same_things(made):
    (made.folder / "release.uf2").write_bytes(release(MACHINES["RPI_PICO"]))
    for name in ("a.uf2", "b.uf2"):
        assert made("--board", "RPI_PICO", "--node", "outside", "--firmware", "release.uf2", "-o", name)[0] == 0
    assert (made.folder / "a.uf2").read_bytes() == (made.folder / "b.uf2").read_bytes()


def test_settings_and_a_password(made, monkeypatch):
    """The password is in no word of the command, and the file is for its owner alone."""
    (made.folder / "release.uf2").write_bytes(release("Raspberry Pi Pico W with RP2040"))
    (made.folder / "mine.json").write_text('{"ntp": {"server": "ntp.lab"}, "heater": {"ramp": 5}}')
    monkeypatch.setenv("SECNODE_WIFI_PASSWORD", "not a secret")
    given = ("--settings", "mine.json", "--set", "wifi.ssid=lab", "--set", "wifi.password", "-o", "node.uf2")
    code, said = made("--board", "RPI_PICO_W", "--node", "outside", "--firmware", "release.uf2", *given)
    assert code == 0 and "password" in said and "not a secret" not in said, said
    assert mentions(said, "'heater'")
    path = made.folder / "node.uf2"
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(held(uf2.read(path.read_bytes()))["settings.json"]) == {
        "ntp": {"server": "ntp.lab"}, "heater": {"ramp": 5}, "wifi": {"ssid": "lab", "password": "not a secret"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--board", "ESP32_GENERIC"], "ESP32_GENERIC"),
        (["--board", "RPI_PICO_W"], "--firmware"),
        (["--board", "RPI_PICO2", "--firmware", "release.uf2"], "RP2350"),
        (["--board", "RPI_PICO", "--firmware", "release.uf2", "-o", "node.bin"], ".uf2"),
        (["--board", "RPI_PICO", "--firmware", "release.uf2", "--set", "wifi.ssid=lab"], "wifi"),
        (["--board", "RPI_PICO", "--firmware", "release.uf2", "--set", "heater.r0=100"], "heater.r0"),
        (["--board", "RPI_PICO_W", "--set", "wifi.password=secret"], "wifi.password"),
        (["--board", "RPI_PICO", "--settings", "broken.json"], "broken.json"),
        (["--board", "RPI_PICO", "--settings", "missing.json"], "missing.json"),
        (["--board", "RPI_PICO", "--firmware", "release.uf2", "-o", "no/such/folder.uf2"], "no/such/folder.uf2"),
        (["--board", "RPI_PICO", "--firmware", "release.uf2", "--node", "nobody"], "nobody"),
    ],
)
def test_what_can_not_be_made(made, words, named):
    (made.folder / "release.uf2").write_bytes(release(MACHINES["RPI_PICO"]))
    (made.folder / "broken.json").write_text('{"wifi": 7}')
    code, said = made(*words)
    assert code == 2 and mentions(said, named) and "Traceback" not in said, said
    assert not [path for path in made.folder.glob("*.uf2*") if path.name != "release.uf2"]


@pytest.mark.parametrize(
    "said",
    [b"", info(_AT, _SIZE, tag=b"CP"), info(_AT, _SIZE, kind=5), info(_AT, 4000), info(_NAME, _SIZE), info(_AT, _SIZE)[:-20]],
)
def test_a_program_that_does_not_say_where_its_files_are(made, said):
    (made.folder / "release.uf2").write_bytes(release(MACHINES["RPI_PICO"], said=said))
    code, words = made("--board", "RPI_PICO", "--node", "outside", "--firmware", "release.uf2")
    assert code == 2 and mentions(words, "release.uf2", "file system"), words


def test_a_node_that_leaves_no_room():
    with pytest.raises(dropped.Problem, match=r"\b40 blocks .*\b64\b.*\bhalf\b"):
        dropped.littlefs({"big": bytes(40 * 4096)}, 64 * 4096)
    assert len(dropped.littlefs({"big": bytes(30 * 4096)}, 64 * 4096)) >= 32
