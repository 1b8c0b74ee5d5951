"""A board whose MicroPython has the firmware frozen in gets the node alone, and nothing on it hides what is frozen."""

import hashlib

import pytest

from host_tests.deploy.emulated import Board, answer
from host_tests.deploy.test_flash import on_board as all_of_it
from host_tests.harness import mentions
from tools import paths
from tools.board import flash
from tools.build import frozen
from tools.image import image

FROM, TO = "outside", "example_heater"
SETTINGS = b'{"heater": {"_p": 9.0}}\n'


@pytest.fixture(scope="module")
def firmware():
    return frozen.Manifest(paths.BOARDS / "manifest.py")


@pytest.fixture
def board(firmware, monkeypatch):
    """With this firmware frozen in, which is looked for where the emulated board has it."""
    monkeypatch.setattr(frozen, "of_board", lambda name: firmware)
    monkeypatch.setattr(flash, "_BEGIN", flash._BEGIN.replace('".frozen"', '".frozen", "/hardware"'))
    with Board(frozen=firmware.files) as board:
        yield board


def on_board(node):
    """What `flash` leaves there."""
    contents = image.for_board(node, "HOST", frozen=True)
    return contents | {"installed.txt": "".join(f"{path}\n" for path in sorted(contents)).encode()}


def digests(contents):
    return {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}


@pytest.fixture
def flashed(board, secnode):
    """flashed(node) puts it onto the board, which is unplugged before and after it: (what was said, what is there then)."""

    def put(node):
        board.plug()
        code, said = secnode("flash", "--board", "HOST", "--node", node, "--port", board.port)
        assert code == 0 and said.endswith("\nISSE,SECoP,V2019-09-16,v1.0\n"), said
        assert answer(board, "read outside:value").startswith("reply")
        board.unplug()
        return said, board.listing()

    return put


def test_a_bare_board_gets_what_is_a_nodes_own(flashed):
    said, found = flashed(TO)
    assert f"frozen in\n{len(on_board(TO)) - 1} files" in said
    assert found == digests(on_board(TO))
    assert not {path.partition("/")[0] for path in found} & {"secnode", "transport", "settings.mpy", "texts"}
    said, again = flashed(TO)
    assert " to copy" not in said and again == found


def test_what_was_there_before_and_would_hide_it_goes(board, flashed):
    """By an earlier flash, or copied by hand; also what a later firmware has not any more, and an empty folder."""
    board.load(all_of_it(FROM))
    earlier = [*sorted(all_of_it(FROM)), "control/of_old.mpy"]
    board.load({"control/of_old.mpy": b"", "installed.txt": "".join(f"{path}\n" for path in earlier).encode()})
    board.load({"modules/oven.py": b"raise Exception('taken before what is frozen')\n", "settings.py": b"1 / 0\n"})
    board.load({"lib/mine.py": b"x = 1\n", "settings.json": SETTINGS, "mine.py": b"of the user\n"})
    said, found = flashed(TO)
    assert " to copy" in said
    kept = digests({"lib/mine.py": b"x = 1\n", "settings.json": SETTINGS, "mine.py": b"of the user\n"})
    assert found == digests(on_board(TO)) | kept


@pytest.mark.parametrize("path", ["drivers/lamp.py", "secnode/inside/lamp.py", "drivers.py"])
def test_files_of_ones_own_that_hide_it(board, flashed, path):
    """They stay and may be needed, so all is copied beside them."""
    board.load({path: b"x = 1\n"})
    said, found = flashed(TO)
    assert mentions(said, path)
    assert found == digests(all_of_it(TO) | {path: b"x = 1\n"})


def test_an_empty_folder_hides_nothing(board, flashed):
    """It would: a folder is a module. This boot.py makes one, until it is replaced."""
    boot = b"import os\nif 'drivers' not in os.listdir():\n    os.mkdir('drivers')\n"
    board.load(on_board(TO) | {"boot.py": boot + on_board(TO)["boot.py"]})
    _, found = flashed(TO)
    found.pop("settings.json", None)  # the node that was there may have had the time to note by what it ended
    assert found == digests(on_board(TO))


def test_another_firmware_is_frozen_in(board, flashed, monkeypatch, firmware):
    """All is copied as onto any board; what lies there hides what is frozen. Back again it goes."""
    mine = frozen.Manifest(paths.BOARDS / "manifest.py")
    mine.digest = "0123456789abcdef"
    monkeypatch.setattr(frozen, "of_board", lambda name: mine)
    said, found = flashed(TO)
    assert mentions(said, "`secnode micropython --board HOST --frozen`")
    assert found == digests(all_of_it(TO))
    monkeypatch.setattr(frozen, "of_board", lambda name: firmware)
    assert flashed(TO)[1] == digests(on_board(TO))


def test_nothing_is_frozen_in(secnode, monkeypatch, firmware):
    """Nothing is said of it; a file of that name on the board is not asked."""
    monkeypatch.setattr(frozen, "of_board", lambda name: firmware)
    with Board() as board:
        board.load({"frozen.py": f"DIGEST = '{firmware.digest}'\n".encode()})
        board.plug()
        code, said = secnode("flash", "--board", "HOST", "--node", FROM, "--port", board.port)
        assert code == 0 and "frozen" not in said, said
        board.unplug()
        assert board.listing().keys() == all_of_it(FROM).keys() | {"frozen.py"}


def test_power_that_goes_while_what_hides_it_is_taken_away(board, secnode):
    """At any write of flash boot.py is in the middle of it; the next start goes on, before main.py runs."""
    board.load(all_of_it(FROM))
    board.plug()
    with pytest.MonkeyPatch.context() as patch:
        # committed; boot.py has not run yet
        patch.setattr(flash, "started", lambda there: board.unplug() or "unplugged")
        patch.setattr(flash.device.Device, "reset", lambda there: None)
        assert secnode("flash", "--board", "HOST", "--node", TO, "--port", board.port)[0] == 0
    staged = board.flash.read_bytes()
    assert "staged/manifest" in board.listing()
    cut, seen = 1, 0
    while True:
        board.flash.write_bytes(staged)
        if board.boot(cut) is not None:
            break
        seen += 1
        assert board.boot() == digests(on_board(TO)), cut
        cut += 11
    assert seen >= 5
