"""`secnode micropython`: onto a drive that stands in for a bootloader's, and by an esptool that writes nothing."""

import contextlib
import http.server
import json
import os
import pty
import struct
import sys
import threading
import time
import types

import pytest

from host_tests.harness import mentions
from tools import paths
from tools.board import device, firmware_file
from tools.build import frozen, pico
from tools.image import boards
from tools.verbs import micropython

MACHINES = {"RPI_PICO": "Raspberry Pi Pico with RP2040", "RPI_PICO2_W": "Raspberry Pi Pico 2 W with RP2350"}
RP2040, RP2350, ABSOLUTE = 0xE48BFF56, 0xE48BFF59, 0xE48BFF57


def uf2(text, *families):
    """A file of blocks of 256 bytes, the text across the border of two."""
    memory = bytes(240) + text.encode() + bytes(300)
    memory += bytes(-len(memory) % 256)
    pieces = [memory[at : at + 256] for at in range(0, len(memory), 256)]
    blocks = []
    for i, piece in enumerate(pieces):
        family = families[min(i, len(families) - 1)]
        head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + 256 * i, 256, i, len(pieces), family)
        blocks.append((head + piece).ljust(508, b"\0") + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)


def image(text, chip, offset):
    """A whole image of an ESP32: bootloader, partition table, program."""
    head = bytearray(0x8000 - offset)
    head[0] = 0xE9
    struct.pack_into("<H", head, 12, chip)
    return bytes(head) + b"\xaa\x50" + bytes(100) + text.encode() + bytes(10)


BANNER = "MicroPython v1.25.0 on 2025-04-15"
PICO = uf2(f"{BANNER}\0; {MACHINES['RPI_PICO']}\r\n", RP2040)
ESP32 = image(f"{BANNER}\0; Generic ESP32 module with ESP32\r\n", 0, 0x1000)


@pytest.fixture
def file(tmp_path):
    def write(content, name="firmware.uf2"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.fixture
def drive(monkeypatch, tmp_path):
    """drive() plugs a board in with BOOTSEL held: the folder that stands in for its drive, of an RP2040 unless told."""
    folder = tmp_path / "drive"
    monkeypatch.setattr(device, "bootsel_drive", lambda: str(folder) if (folder / "INFO_UF2.TXT").exists() else "")
    monkeypatch.setattr(device, "ports", list)
    monkeypatch.setattr(micropython, "_LABELS", str(tmp_path / "by-label"))

    def plug(model="Raspberry Pi RP2", id="RPI-RP2"):
        folder.mkdir(exist_ok=True)
        (folder / "new").write_text(f"UF2 Bootloader v3.0\nModel: {model}\nBoard-ID: {id}\n")
        (folder / "new").rename(folder / "INFO_UF2.TXT")  # all of it at once: somebody looks
        return folder

    plug.folder = folder
    return plug


@pytest.fixture
def there(monkeypatch):
    """there(name, version): what answers afterwards. Without it nothing does."""
    monkeypatch.setattr(micropython, "_BACK", 0.5)
    monkeypatch.setattr(micropython, "_LOOK", 1)

    def set(name, version=(1, 25, 0)):
        class Board:
            def __init__(self, port):
                self.name = port

            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def has_repl(self, patience):
                return False

            def take(self):
                pass

        monkeypatch.setattr(device, "Device", Board)
        monkeypatch.setattr(device, "find", lambda wanted, port: wanted or "/dev/ttyACM0")
        monkeypatch.setattr(device, "identity", lambda board: ("micropython", version, MACHINES.get(name, name), name, 6))

    return set


def complaint(secnode, *words):
    code, said = secnode("micropython", *words)
    assert code == 2 and said.count("secnode micropython: ") == 1 and "Traceback" not in said, said
    return said.split("secnode micropython: ")[1].strip()


# ---- the file


@pytest.mark.parametrize("board", boards.names())
def test_where_it_is_to_be_had(secnode, board):
    said = complaint(secnode, "--board", board)
    assert "--firmware is needed" in said and f"https://micropython.org/download/{board}/" in said
    assert (".uf2" if "uf2" in boards.load(board) else ".bin") in said


def test_a_file_that_a_browser_left(secnode, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Downloads").mkdir()
    for name in ("RPI_PICO-20250415-v1.25.0.uf2", "RPI_PICO_W-20250415-v1.25.0.uf2"):
        (tmp_path / "Downloads" / name).touch()
    said = complaint(secnode, "--board", "RPI_PICO")
    assert said.endswith(f"--firmware {tmp_path}/Downloads/RPI_PICO-20250415-v1.25.0.uf2")


@pytest.mark.parametrize(
    ("board", "content", "named"),
    [
        ("RPI_PICO", b"", "UF2"),
        ("RPI_PICO", b"<html>not found</html>", "UF2"),
        ("RPI_PICO", PICO[:-100], "or not all of it"),
        ("RPI_PICO", ESP32, "UF2"),
        ("RPI_PICO2_W", PICO, "RP2350"),
        ("RPI_PICO_W", PICO, "RPI_PICO_W"),
        ("RPI_PICO", uf2("CircuitPython 9", RP2040), "MicroPython"),
        ("RPI_PICO", uf2("MicroPython v1.22.0; " + MACHINES["RPI_PICO"], RP2040), "MicroPython 1.22.0"),
        ("ESP32_GENERIC", PICO, "is no whole image"),
        ("ESP32_GENERIC", ESP32[0x7000:], "is no whole image"),
        ("ESP32_GENERIC", image(BANNER, 9, 0x1000), "esp32"),
        ("ESP32_GENERIC_S3", ESP32, "is no whole image"),
        ("ESP32_GENERIC_C3", image(f"{BANNER}\0; ESP32S3 module with ESP32S3", 5, 0), "for another board"),
    ],
)
def test_a_file_that_is_not_for_this_board(secnode, file, board, content, named):
    assert mentions(complaint(secnode, "--board", board, "--firmware", file(content)), named)


@pytest.mark.parametrize(
    ("board", "content"),
    [
        ("RPI_PICO", PICO),
        ("RPI_PICO2_W", uf2(f"{BANNER}\0; {MACHINES['RPI_PICO2_W']}", ABSOLUTE, RP2350)),
        ("ESP32_GENERIC", ESP32),
        ("ESP32_GENERIC_C3", image(f"{BANNER}\0; ESP32C3 module with ESP32C3", 5, 0)),
        ("ESP32_GENERIC_C6", image(f"{BANNER}\0; ESP32C6 module with ESP32C6", 13, 0)),
        ("OLIMEX_ESP32_POE", image(f"{BANNER}\0; Olimex ESP32 POE with ESP32", 0, 0x1000)),
        ("ESP32_GENERIC_S3", image(f"{BANNER}\0; Generic ESP32S3 module with Octal-SPIRAM with ESP32-S3", 9, 0)),
    ],
)
def test_files_that_are(board, content):
    assert firmware_file.look_at("x", content, boards.load(board)) == "1.25.0"


def test_what_is_no_file(secnode, tmp_path):
    assert mentions(complaint(secnode, "--board", "RPI_PICO", "--firmware", tmp_path), f"no file {tmp_path}")
    assert mentions(complaint(secnode, "--board", "PICO", "--firmware", "x"), "'PICO'")
    assert mentions(complaint(secnode, "--board", "", "--firmware", "x"), "--board", "RPI_PICO")
    assert mentions(complaint(secnode, "--board", "HOST"), "HOST")


def test_by_http(secnode, drive, there, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "build_dir", lambda: tmp_path / "build")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/RPI_PICO.uf2" else 404)
            self.end_headers()
            self.wfile.write(PICO)

        def log_message(self, *_):
            pass

    folder = drive()
    there("RPI_PICO")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        code, said = secnode("micropython", "--board", "RPI_PICO", "--firmware", f"{address}/RPI_PICO.uf2")
        assert code == 0 and (folder / "firmware.uf2").read_bytes() == PICO, said
        assert mentions(complaint(secnode, "--board", "RPI_PICO", "--firmware", f"{address}/x"), f"{address}/x", "Not Found")
        server.shutdown()
    assert mentions(
        complaint(secnode, "--board", "RPI_PICO", "--firmware", f"{address}/y"), f"{address}/y", "Connection refused"
    )


# ---- with the firmware frozen in


def test_it_is_built_and_put_there(secnode, drive, there, monkeypatch, file):
    monkeypatch.setattr(pico, "firmware", lambda frozen, board: file(PICO) if frozen and board == "RPI_PICO" else None)
    folder = drive()
    there("RPI_PICO")
    code, said = secnode("micropython", "--board", "RPI_PICO", "--frozen")
    assert code == 0 and (folder / "firmware.uf2").read_bytes() == PICO, said
    said = complaint(secnode, "--board", "RPI_PICO", "--frozen", "--firmware", file(PICO))
    assert mentions(said, "--frozen", "--firmware")


@pytest.mark.parametrize("board", sorted(set(boards.names()) - set(pico.BUILT)))
def test_how_it_is_done_by_hand(secnode, board):
    said = complaint(secnode, "--board", board, "--frozen")
    manifest = paths.BOARDS / board / "manifest.py"
    assert mentions(said, "RPI_PICO and RPI_PICO2") and manifest.is_file()
    assert f"make BOARD={board} FROZEN_MANIFEST={manifest}\n" in said
    assert said.endswith(f"build-{board}/firmware.{'uf2' if 'uf2' in boards.load(board) else 'bin'}")


def test_what_it_takes_to_build_it_is_missing(secnode, monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "build_dir", lambda: tmp_path)
    monkeypatch.setattr(pico, "_NEEDED", {"no-such-compiler": "gcc-for-it"})
    said = complaint(secnode, "--board", "RPI_PICO", "--frozen")
    assert "apt-get install gcc-for-it" in said and "\nBy hand" in said


def test_a_changed_firmware_is_built_anew(monkeypatch, tmp_path):
    """The one that is not frozen stays, and so does what is the same; a former one goes."""
    built = []

    def build(target, tree, manifest, board, network):
        built.append((target.name, manifest))
        target.mkdir()
        (target / "firmware.uf2").touch()

    monkeypatch.setattr(paths, "build_dir", lambda: tmp_path)
    monkeypatch.setattr(pico, "_build", build)
    monkeypatch.setattr(pico, "_NEEDED", {})
    monkeypatch.setattr(pico, "_has_libraries", lambda: True)
    manifest = boards.file("RPI_PICO").with_name("manifest.py")
    plain, first = pico.firmware(), pico.firmware(frozen=True)
    assert pico.firmware() == plain and pico.firmware(frozen=True) == first and len(built) == 2
    digest = frozen.of_board("RPI_PICO").digest
    assert built == [(plain.parent.name, None), (f"{plain.parent.name}-frozen-{digest}", manifest)]
    monkeypatch.setattr(frozen, "of_board", lambda name: types.SimpleNamespace(digest="another"))
    second = pico.firmware(frozen=True)
    assert built[2:] == [(f"{plain.parent.name}-frozen-another", manifest)]
    assert second.exists() and plain.exists() and not first.parent.exists()


# ---- RP2


def test_onto_the_drive_of_a_bare_board(secnode, drive, there, file):
    folder = drive()
    there("RPI_PICO")
    code, said = secnode("micropython", "--board", "RPI_PICO", "--firmware", file(PICO))
    assert code == 0 and (folder / "firmware.uf2").read_bytes() == PICO
    found, then = said.splitlines()[-2:]
    assert mentions(found, MACHINES["RPI_PICO"], "MicroPython 1.25.0", "/dev/ttyACM0")
    assert mentions(then, "secnode flash --board RPI_PICO --node example_heater")


def test_the_steps_are_said_and_the_drive_is_waited_for(secnode, drive, there, file):
    there("RPI_PICO")
    path = file(PICO)

    def person():
        time.sleep(0.5)
        drive()

    threading.Thread(target=person).start()
    code, said = secnode("micropython", "--board", "RPI_PICO", "--firmware", path)
    assert code == 0 and mentions(said, "BOOTSEL", "RPI-RP2")


def test_no_drive_comes(secnode, drive, there, file, monkeypatch, tmp_path):
    monkeypatch.setattr(micropython, "_WAIT", 0.3)
    there("RPI_PICO")
    assert "drive RPI-RP2" in complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO))
    (tmp_path / "by-label").mkdir()
    (tmp_path / "by-label" / "RPI-RP2").touch()
    assert "udisksctl mount" in complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO))


def test_the_drive_of_another_chip(secnode, drive, file):
    folder = drive("Raspberry Pi RP2350", "RP2350")
    said = complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO))
    assert mentions(said, "Raspberry Pi RP2350", "RPI_PICO", "RP2040")
    assert os.listdir(folder) == ["INFO_UF2.TXT"]


def test_a_drive_that_can_not_be_written(secnode, drive, file):
    folder = drive()
    (folder / "firmware.uf2").mkdir()
    assert mentions(complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO)), folder)


def test_nobody_answers_afterwards(secnode, drive, there, file):
    drive()
    there("RPI_PICO", (1, 23, 0))
    assert "MicroPython 1.23.0" in complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO))
    there("RPI_PICO_W")
    assert mentions(complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO)), "no RPI_PICO")


def test_nothing_answers_afterwards(secnode, drive, file, monkeypatch):
    monkeypatch.setattr(micropython, "_BACK", 0.5)
    drive()
    said = complaint(secnode, "--board", "RPI_PICO", "--firmware", file(PICO))
    assert mentions(said, "MicroPython", "0.5 s")


def test_a_board_that_has_one_already_is_asked_for_its_drive(board, secnode, drive, file, monkeypatch):
    """It takes nobody to press a button. The emulated board has no bootloader: that is a reset, and the drive comes."""
    monkeypatch.setattr(micropython, "_BACK", 2)
    monkeypatch.setattr(micropython, "_LOOK", 60)

    def bootloader(there):
        drive()
        there._leave("reset")

    monkeypatch.setattr(device.Device, "bootloader", bootloader)
    board.plug()
    code, said = secnode("micropython", "--board", "RPI_PICO", "--firmware", file(PICO), "--port", board.port)
    assert "bootloader" in said and "BOOTSEL" not in said
    assert (drive.folder / "firmware.uf2").read_bytes() == PICO
    assert code == 2 and mentions(said, "MicroPython", "2 s")  # it is no Pico, and has no port on USB


# ---- ESP32


@pytest.fixture
def esptool(monkeypatch, tmp_path):
    """An esptool that notes its words: `words()`; it ends with the code in `code`."""
    noted = tmp_path / "words.json"
    (tmp_path / "code").write_text("0")
    script = tmp_path / "esptool.py"
    script.write_text(
        f"import json, sys\njson.dump(sys.argv[1:], open({str(noted)!r}, 'w'))\nprint('Writing at 0x00001000... (100 %)')\n"
        f"sys.exit(int(open({str(tmp_path / 'code')!r}).read()))\n"
    )
    monkeypatch.setattr(micropython, "_ESPTOOL", (sys.executable, str(script)))

    def words():
        return json.loads(noted.read_text())

    words.code = tmp_path / "code"
    return words


def test_onto_a_bare_esp32(secnode, there, file, esptool):
    there("ESP32_GENERIC")
    path = file(ESP32, "ESP32_GENERIC-20250415-v1.25.0.bin")
    code, said = secnode("micropython", "--board", "ESP32_GENERIC", "--firmware", path, "--port", "/dev/ttyUSB3")
    assert code == 0 and "erased" in said, said
    expected = [
        "--chip",
        "esp32",
        "--port",
        "/dev/ttyUSB3",
        "--baud",
        "460800",
        "write-flash",
        "--erase-all",
        "0x1000",
        str(path),
    ]
    assert esptool() == expected


@pytest.mark.parametrize(("option", "erased"), [("--erase", True), ("--keep", False)])
def test_erasing_is_chosen(secnode, there, file, esptool, option, erased):
    there("ESP32_GENERIC_C3")
    path = file(image(f"{BANNER}\0; ESP32C3 module with ESP32C3", 5, 0), "x.bin")
    assert secnode("micropython", "--board", "ESP32_GENERIC_C3", "--firmware", path, option)[0] == 0
    assert ("--erase-all" in esptool()) == erased and esptool()[-2:] == ["0x0", str(path)]


def test_files_on_a_board_that_has_micropython_stay(board, secnode, file, esptool, monkeypatch):
    monkeypatch.setattr(boards, "is_the_same", lambda *_: True)
    monkeypatch.setattr(micropython, "_LOOK", 60)
    board.plug()
    path = file(ESP32, "x.bin")
    code, said = secnode("micropython", "--board", "ESP32_GENERIC", "--firmware", path, "--port", board.port)
    assert code == 0 and "erased" not in said and mentions(said, "MicroPython 1.25.0", board.port), said
    assert "--erase-all" not in esptool()


def test_nobody_answers_esptool(secnode, file, esptool, there):
    there("ESP32_GENERIC")
    esptool.code.write_text("2")
    said = complaint(secnode, "--board", "ESP32_GENERIC", "--firmware", file(ESP32, "x.bin"), "--port", "/dev/ttyUSB3")
    assert mentions(said, "BOOT", "EN")


def test_a_terminal_where_nothing_is(secnode, file, esptool, monkeypatch):
    """No MicroPython before and none after: it is erased, written, and told."""
    monkeypatch.setattr(device, "_PATIENCE", 0.2)
    monkeypatch.setattr(micropython, "_LOOK", 0.2)
    monkeypatch.setattr(micropython, "_BACK", 0.5)
    end, terminal = pty.openpty()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, end)
        stack.callback(os.close, terminal)
        words = "--board", "ESP32_GENERIC", "--firmware", file(ESP32, "x.bin"), "--port", os.ttyname(terminal)
        assert mentions(complaint(secnode, *words), "MicroPython", "0.5 s")
    assert "--erase-all" in esptool()


def test_no_port(secnode, file, esptool, monkeypatch):
    monkeypatch.setattr(device, "ports", list)
    monkeypatch.setattr(device, "bootsel_drive", lambda: "")
    assert mentions(complaint(secnode, "--board", "ESP32_GENERIC", "--firmware", file(ESP32, "x.bin")), "USB cable")
    words = "--board", "ESP32_GENERIC", "--firmware", file(ESP32, "x.bin"), "--port", "/dev/ttyUSB9"
    assert mentions(complaint(secnode, *words), "/dev/ttyUSB9")
