"""`secnode flash`: copies what changed, all of it or nothing, and says what is wrong in words."""

import contextlib
import errno
import fcntl
import hashlib
import os
import pty
import re
import subprocess

import pytest
import serial
from serial.tools import list_ports, list_ports_common

from host_tests import harness
from host_tests.deploy.emulated import Board, answer
from tools import paths
from tools.board import device, flash
from tools.image import boards, image

FROM, TO = "outside", "example_heater"
SETTINGS = b'{"heater": {"_p": 9.0}}\n'


def on_board(node):
    """What `flash` leaves there."""
    contents = image.for_board(node, "HOST")
    return contents | {"installed.txt": "".join(f"{path}\n" for path in sorted(contents)).encode()}


def digests(node):
    return {path: hashlib.sha256(content).hexdigest() for path, content in on_board(node).items()}


# ---- what it does


def test_make_flash_onto_a_bare_board(board):
    board.load({"settings.json": SETTINGS, "lib/of_the_user.py": b"x = 1\n"})
    board.plug()
    done = subprocess.run(
        ["make", "flash", "BOARD=HOST", f"NODE={TO}", f"PORT={board.port}"], cwd=harness.ROOT, timeout=60,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MicroPython 1.25.0" in done.stdout and done.stdout.endswith("\nISSE,SECoP,V2019-09-16,v1.0\n")
    assert answer(board, "*IDN?") == "ISSE,SECoP,V2019-09-16,v1.0"
    board.unplug()
    found = board.listing()
    assert found.pop("settings.json") == hashlib.sha256(SETTINGS).hexdigest()
    assert found.pop("lib/of_the_user.py")
    assert found == digests(TO)


def test_another_node_onto_one_that_runs(board, secnode):
    """Its console serves SECoP, its watchdog runs; what did not change is not copied, what is no more wanted goes."""
    board.load(on_board(FROM))
    # not of a module that the node there needs: one that ends by an error notes that in its settings
    board.load({"modules/heater.py": b"raise Exception('taken before heater.mpy')\n", "settings.json": SETTINGS})
    board.load({"mine.py": b"of the user\n"})
    board.plug()
    code, said = secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)
    assert code == 0, said
    copied = int(said.split(" to copy")[0].split()[-1])
    assert 0 < copied < len(on_board(TO)) - 5  # __init__ and the like are the same in both
    assert answer(board, "read heater:target").startswith("reply heater:target")
    code, said = secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)
    assert code == 0 and " to copy" not in said and said.endswith("\nISSE,SECoP,V2019-09-16,v1.0\n")
    board.unplug()
    found = board.listing()
    assert found.pop("settings.json") == hashlib.sha256(SETTINGS).hexdigest() and found.pop("mine.py")
    assert found == digests(TO)


def test_a_small_change_copies_little(board, secnode, tmp_path):
    node = tmp_path / "mine.py"
    text = (paths.FIRMWARE / "nodes" / "outside.py").read_text()
    node.write_text(text)
    board.load(image.for_board(str(node), "HOST"))
    board.plug()
    image.for_board.cache_clear()
    node.write_text(text.replace("a basic example", "a little less basic"))
    code, said = secnode("flash", "--board", "HOST", "--node", node, "--port", board.port)
    # the description, what answers discovery, the stamp, and the list, which was not there
    assert code == 0 and ": 4 to copy" in said, said


def test_programs_that_were_there_are_kept(board, secnode):
    main = b"import time\nwhile True:\n    time.sleep(1)\n"
    board.load({"main.py": main, "boot.py": b"# mine\n"})
    board.plug()
    code, said = secnode("flash", "--board", "HOST", "--node", FROM, "--port", board.port)
    assert code == 0 and "kept as main_before.py" in said and "kept as boot_before.py" in said
    board.unplug()
    assert board.listing()["main_before.py"] == hashlib.sha256(main).hexdigest()


# ---- cables that are pulled


def test_a_cable_pulled_anywhere_leaves_the_old_node_or_the_new_one(board, secnode, monkeypatch):
    board.load(on_board(FROM))
    before = board.flash.read_bytes()
    allowed = [digests(FROM), digests(TO)]
    marks, cuts = [], {}
    real = flash.stage

    def stage(*args):
        marks.append(board.sent)
        board.cut = cuts.get("copying")
        real(*args)
        marks.append(board.sent)
        board.cut = cuts.get("committed")

    monkeypatch.setattr(flash, "stage", stage)
    board.plug()
    assert secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)[0] == 0
    board.unplug()
    length = marks[1] - marks[0]
    monkeypatch.setattr(device, "_BACK", 0.5)  # it does not come back
    monkeypatch.setattr(device, "_PATIENCE", 2)
    points = [("before", 20), ("before", 1500), ("copying", 0), ("copying", length // 2), ("copying", length * 9 // 10)]
    points += [("copying", length - 20), ("copying", length - 1), ("committed", 0), ("committed", 20)]
    seen = []
    for where, after in points:
        board.flash.write_bytes(before)
        cuts.clear()
        cuts[where] = after
        board.cut = cuts.get("before")
        board.plug()
        code, said = secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)
        board.unplug()
        assert code == 2 and "Traceback" not in said, said
        # boot.py has the say
        found = board.boot()
        assert found in allowed, f"half a node where the cable is pulled {after} bytes on, {where}"
        seen.append(allowed.index(found))
    assert seen == sorted(seen) and set(seen) == {0, 1}
    # and it is mended by doing it again
    board.flash.write_bytes(before)
    cuts["copying"] = length // 2
    board.plug()
    assert secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)[0] == 2
    board.unplug()
    cuts.clear()
    monkeypatch.undo()
    board.plug()
    assert secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)[0] == 0
    board.unplug()
    assert board.listing() == allowed[1]


def test_a_board_that_has_its_power_from_elsewhere_starts_again_by_itself(board, secnode, monkeypatch):
    """The watchdog sees to it; as long as the cable is there, it is fed."""
    monkeypatch.setattr(device, "_SILENCE", 5.0)
    monkeypatch.setattr(flash, "_BEGIN", flash._BEGIN.replace("8000", "1500"))
    board.load(on_board(FROM))
    board.cut, board.power_too = 9000, False
    board.plug()
    code, said = secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)
    assert code == 2 and "went away" in said
    assert answer(board, "read outside:value").startswith("reply")
    assert board.resets == 1
    board.power_too = True
    code, said = secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)
    assert code == 0, said


# ---- what can be wrong


def complaint(secnode, *words):
    code, said = secnode("flash", *words)
    assert code == 2 and said.count("secnode flash: ") == 1 and "mpremote/" not in said, said
    return said.split("secnode flash: ")[1].strip()


def port(name, vid=0x2E8A, serial_number=None, description="Board in FS mode"):
    found = list_ports_common.ListPortInfo(name)
    found.vid, found.pid, found.serial_number, found.description = vid, 5, serial_number, description
    return found


@pytest.fixture
def plugged(monkeypatch):
    """plugged(port, ...): what is on USB."""

    def set(*found):
        monkeypatch.setattr(list_ports, "comports", lambda: found)

    set()
    return set


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A folder of boards with one more: a Pico."""
    for path in paths.BOARDS.iterdir():
        (tmp_path / path.name).symlink_to(path)
    pico = tmp_path / "A_PICO"
    pico.mkdir()
    for path in (paths.BOARDS / "HOST").glob("*.py"):
        (pico / path.name).symlink_to(path)
    (pico / "board.json").write_text('{"port": "rp2", "machine": "A Pico with RP2040"}')
    monkeypatch.setattr(paths, "BOARDS", tmp_path)


def test_no_board(secnode, plugged, folder, monkeypatch, tmp_path):
    monkeypatch.setattr(device, "bootsel_drive", lambda: "")
    assert harness.mentions(complaint(secnode, "--board", "A_PICO"), "USB cable")
    plugged(port("/dev/ttyUSB0", vid=0x0403, description="FT232"))  # may be any instrument
    said = complaint(secnode, "--board", "A_PICO")
    assert harness.mentions(said, "USB cable", "/dev/ttyUSB0  FT232", "--port")
    assert harness.mentions(complaint(secnode, "--board", "A_PICO", "--port", "/dev/ttyACM7"), "/dev/ttyACM7")
    assert "serial number 17" in complaint(secnode, "--board", "A_PICO", "--port", "id:17")


def test_a_board_in_bootsel_mode(tmp_path):
    drive = tmp_path / "a drive"
    drive.mkdir()
    mounts = tmp_path / "mounts"
    mounts.write_text(f"proc /proc proc rw 0 0\n/dev/sda1 {str(drive).replace(' ', chr(92) + '040')} vfat rw 0 0\n")
    assert device.bootsel_drive(mounts) == ""
    (drive / "INFO_UF2.TXT").write_text("UF2 Bootloader v2.0\n")
    assert device.bootsel_drive(mounts) == str(drive)


def test_several_boards(secnode, plugged, folder):
    plugged(port("/dev/ttyACM1", serial_number="e66"), port("/dev/ttyACM0"), port("/dev/ttyUSB0", vid=0x0403))
    said = complaint(secnode, "--board", "A_PICO")
    assert said.splitlines()[1:] == [
        "  --port /dev/ttyACM0  Board in FS mode",
        "  --port /dev/ttyACM1  Board in FS mode  (id:e66)",
    ]


def test_one_board_is_taken(plugged):
    plugged(port("/dev/ttyACM3", serial_number="e66"), port("/dev/ttyUSB0", vid=0x0403))
    assert device.find(port="rp2") == device.find("id:e66") == "/dev/ttyACM3"
    plugged(port("/dev/ttyUSB0", vid=0x10C4))
    assert device.find(port="esp32") == "/dev/ttyUSB0"


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.EACCES, "usermod -a -G dialout"), (errno.EBUSY, "mpremote"), (errno.EIO, "Input/output error")],
)
def test_a_port_that_can_not_be_opened(secnode, monkeypatch, tmp_path, code, words):
    class Refused(serial.Serial):
        def open(self):
            raise serial.SerialException(code, "could not open port")

    monkeypatch.setattr(serial, "Serial", Refused)
    (tmp_path / "ttyACM0").touch()
    assert words in complaint(secnode, "--board", "HOST", "--port", tmp_path / "ttyACM0")


def test_a_busy_port(board, secnode):
    board.plug()
    with open(board.port, "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        assert harness.mentions(complaint(secnode, "--board", "HOST", "--port", board.port), board.port, "mpremote")


def test_what_is_no_port(secnode, tmp_path):
    assert "can't be opened" in complaint(secnode, "--board", "HOST", "--port", tmp_path)
    assert "no port" in complaint(secnode, "--board", "HOST", "--port", "nonsense://x")
    assert "Connection refused" in complaint(secnode, "--board", "HOST", "--port", f"socket://127.0.0.1:{harness.free_port()}")


def test_nobody_answers(secnode, monkeypatch):
    monkeypatch.setattr(device, "_PATIENCE", 0.3)
    end, terminal = pty.openpty()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, end)
        stack.callback(os.close, terminal)
        name = os.ttyname(terminal)
        said = complaint(secnode, "--board", "HOST", "--port", name)
    assert harness.mentions(said, name, "MicroPython", "reset button")


def test_a_program_that_can_not_be_interrupted(board, secnode, monkeypatch):
    monkeypatch.setattr(device, "_PATIENCE", 0.5)
    board.load({"main.py": b"while True:\n    try:\n        input()\n    except KeyboardInterrupt:\n        print('never')\n"})
    board.plug()
    assert harness.mentions(
        complaint(secnode, "--board", "HOST", "--port", board.port), board.port, "MicroPython", "reset button"
    )


def test_another_board_than_was_said(board, secnode, folder):
    board.load(on_board(FROM))
    before = board.listing()
    board.plug()
    said = complaint(secnode, "--board", "A_PICO", "--port", board.port)
    assert harness.mentions(said, "A_PICO", "standard")
    assert answer(board, "*IDN?")  # it goes on as before
    board.unplug()
    assert board.listing() == before


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (("circuitpython", (9, 1, 0), "A Pico with RP2040", "", 5), "circuitpython 9.1.0"),
        (("micropython", (1, 22, 2), "A Pico with RP2040", "", 6), r"MicroPython 1\.22\.2.*1\.23"),
        (("micropython", (1, 24, 0), "Another board with RP2040", "", 6), "Another board with RP2040"),
        (("micropython", (1, 28, 0), "A Pico with RP2040", "B_PICO", 6), "B_PICO"),
        (
            ("micropython", (2, 0, 0), "A Pico with RP2040", "A_PICO", 7),
            r"MicroPython 2\.0\.0.*\.mpy.* 7.*mpy-cross.* 6",
        ),
    ],
)
def test_another_micropython(secnode, what, words):
    class There:
        name = "/dev/ttyACM0"

        def exec(self, code):
            pass

        def eval(self, expression, like=None):
            return what

    with pytest.raises(flash.Problem, match=words):
        flash.look_at(There(), {"name": "A_PICO", "given": "A_PICO", "build": "A_PICO", "machine": "A Pico with RP2040"}, 6)


def test_variants_of_a_board_are_the_board():
    pico = {"name": "RPI_PICO2_W", "machine": "Raspberry Pi Pico 2 W with RP2350"}
    assert boards.is_the_same(pico, "RPI_PICO2_W-RISCV", "x") and not boards.is_the_same(pico, "RPI_PICO2", "x")
    assert boards.is_the_same(pico, "", "Raspberry Pi Pico 2 W with RP2350") and not boards.is_the_same(pico, "", "Pico")


def test_no_such_board(secnode):
    assert harness.mentions(complaint(secnode, "--board", "PICO"), "'PICO'", "RPI_PICO")
    assert harness.mentions(complaint(secnode, "--board", "../firmware"), os.path.abspath("../firmware/board.py"), "board.json")


def test_not_enough_space(secnode):
    with Board(sectors=60) as board:
        board.load({"main.py": b"print('mine')\n", "boot.py": image.for_board(FROM, "HOST")["boot.py"]})
        before = board.listing()
        board.plug()
        said = complaint(secnode, "--board", "HOST", "--node", FROM, "--port", board.port)
        assert re.search(r"\b\d+ KiB .*\b\d+ KiB ", said) and harness.mentions(said, "space")
        board.unplug()
        assert board.listing() == before


@pytest.mark.parametrize("sectors", [40, 60])
def test_flash_that_is_full_all_the_same(secnode, monkeypatch, sectors):
    """While files are copied, or where boot.py would not have the room to move them."""
    monkeypatch.setattr(flash, "check_space", lambda there, steps, copy: 20)
    with Board(sectors=sectors) as board:
        board.load({"main.py": b"print('mine')\n", "boot.py": image.for_board(FROM, "HOST")["boot.py"]})
        before = board.listing()
        board.plug()
        assert "full" in complaint(secnode, "--board", "HOST", "--node", FROM, "--port", board.port)
        board.unplug()
        assert board.boot() == before


def test_a_node_that_does_not_start(board, secnode, monkeypatch, tmp_path):
    monkeypatch.setattr(flash, "_PATIENCE", 3)
    node = tmp_path / "broken.py"
    node.write_text((paths.FIRMWARE / "nodes" / "outside.py").read_text().replace("def node(board):", STARTS_ON_A_PC))
    board.plug()
    said = complaint(secnode, "--board", "HOST", "--node", node, "--port", board.port)
    assert "\n" in said and "ValueError: no sensor there" in said


STARTS_ON_A_PC = """def node(board):
    import sys
    if sys.implementation.name == "micropython":
        raise ValueError("no sensor there")"""
