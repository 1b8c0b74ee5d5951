"""boot.py completes an update or discards it, wherever the power goes, and however often."""

import hashlib

import pytest

from host_tests.deploy.emulated import Board
from host_tests.harness import ROOT

BOOT = (ROOT / "firmware" / "boot.py").read_bytes()
OLD = {"boot.py": BOOT, "main.py": b"old\n", "board.py": b"OUTPUTS = ()\n", "a/deep/one.py": b"1\n" * 3000, "b/gone.py": b"2\n"}
OLD |= {"settings.json": b"{}\n", "mine/notes.txt": b"of the user\n"}
NEW = {"main.py": b"new\n", "a/deep/one.py": b"one\n" * 2500, "a/two.py": b"", "c/d/e/three.py": b"three\n" * 700}
STEPS = [f"{i} {path}\n" for i, path in enumerate(NEW)] + ["- b/gone.py\n", "- b/never.py\n"]
STAGED = {f"staged/{i}": content for i, content in enumerate(NEW.values())}


def digests(files):
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


BEFORE = digests(OLD)
AFTER = digests({path: content for path, content in (OLD | NEW).items() if path != "b/gone.py"})


@pytest.fixture(params=["littlefs", "FAT"])
def board(request):
    with Board(fat=request.param == "FAT") as board:
        yield board


def staged(board, manifest):
    board.load(OLD)
    board.load(STAGED | {f"staged/{manifest}": "".join(STEPS).encode()})


def test_a_committed_update_is_completed(board):
    staged(board, "manifest")
    assert board.boot() == AFTER
    assert board.boot() == AFTER


@pytest.mark.parametrize("manifest", ["manifest.new", "0"])
def test_one_that_is_not_is_discarded(board, manifest):
    staged(board, manifest)
    assert board.boot() == BEFORE


def test_power_that_goes_at_any_write_of_flash():
    """And once more while the rest is completed. A FAT itself does not stand that."""
    with Board(sectors=64) as board:
        for manifest, expected in (("manifest", AFTER), ("manifest.new", BEFORE)):
            staged(board, manifest)
            whole = board.flash.read_bytes()
            cut, found = 0, None
            while found is None:
                cut += 1
                board.flash.write_bytes(whole)
                found = board.boot(cut)
                for again in (1, cut // 2) if found is None else ():
                    board.boot(again)
                assert board.boot() == expected, f"after the power went at operation {cut} of flash"
            assert cut > 5
            board.flash.write_bytes(b"\xff" * len(whole))


def test_a_step_that_fails_keeps_the_node_from_running():
    """And the next start tries again."""
    with Board(sectors=64) as board:
        board.load(OLD | {"c": b"a file where a folder has to be"})
        board.load(STAGED | {"staged/manifest": "".join(STEPS).encode()})
        for _ in range(2):
            board.plug()
            said = b""
            with open(board.port, "rb", buffering=0) as port:
                while b">>> " not in said:
                    said += port.read(100)
            board.unplug()
            assert b"OSError" in said and b"NameError" not in said, said  # main.py is no Python
        assert "staged/manifest" in board.listing()
