"""boot.py completes an update or discards it, wherever the power goes, and however often."""

import hashlib
import json
import random
import subprocess
from pathlib import Path

import pytest

from host_tests.deploy.emulated import Board
from host_tests.harness import ROOT, interpreter, level_fixture, mentions
from tools import paths
from tools.image.image import sealed

BOOT = (ROOT / "firmware" / "boot.py").read_bytes()
OLD = {"boot.py": BOOT, "main.py": b"old\n", "board.py": b"OUTPUTS = ()\n", "a/deep/one.py": b"1\n" * 3000, "b/gone.py": b"2\n"}
OLD |= {"settings.json": b"{}\n", "mine/notes.txt": b"of the user\n"}
NEW = {"main.py": b"new\n", "a/deep/one.py": b"one\n" * 2500, "a/two.py": b"", "c/d/e/three.py": b"three\n" * 700}
STEPS = [f"{i} {path}" for i, path in enumerate(NEW)] + ["- b/gone.py", "- b/never.py"]
STAGED = {f"staged/{i}": content for i, content in enumerate(NEW.values())}


def digests(files):
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


BEFORE = digests(OLD)
AFTER = digests({path: content for path, content in (OLD | NEW).items() if path != "b/gone.py"})


level = level_fixture("cpython", "micropython", "board-like")


@pytest.fixture(params=["littlefs", "FAT"])
def board(request):
    with Board(fat=request.param == "FAT") as board:
        yield board


def staged(board, manifest):
    board.load(OLD)
    board.load(STAGED | {f"staged/{manifest}": sealed(STEPS)})


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
        board.load(STAGED | {"staged/manifest": sealed(STEPS)})
        for _ in range(2):
            board.plug()
            said = b""
            with open(board.port, "rb", buffering=0) as port:
                while b">>> " not in said:
                    said += port.read(100)
            board.unplug()
            assert b"OSError" in said and b"NameError" not in said, said  # main.py is no Python
        assert "staged/manifest" in board.listing()


# ---- whatever lies there


def start(level, tmp_path, cases):
    """What boot.py leaves and does at a level, for each flash (path -> bytes) of `cases`: see booting.py."""
    lines = [json.dumps({path: content.hex() for path, content in case.items()}) for case in cases]
    command = [interpreter(level), Path(__file__).with_name("booting.py"), ROOT / "firmware" / "boot.py", paths.SHIMS]
    done = subprocess.run(
        [str(word) for word in command], cwd=tmp_path, input="\n".join(lines), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for case in found:
        case["files"] = {path: bytes.fromhex(content) for path, content in case["files"].items()}
        case["pins"] = [tuple(pin) for pin in case["pins"]]
    assert len(found) == len(cases)
    return found


SMALL = {"main.py": b"old\n", "a/one.py": b"1\n", "nodes/gone.py": b"x\n"}
SMALL |= {"board.py": b"OUTPUTS = (2,)\nHEATER_PINS = (2, 3)\n", "outputs.txt": sealed(["2 0", "9 1"])}
SMALL_STEPS = ["0 main.py", "1 a/one.py", "2 c/d/two.py", "- nodes/gone.py"]
SMALL_STAGED = {"staged/0": b"new\n", "staged/1": b"one\n", "staged/2": b"two\n"}
SMALL_NEW = {k: v for k, v in SMALL.items() if k != "nodes/gone.py"}
SMALL_NEW |= {"main.py": b"new\n", "a/one.py": b"one\n", "c/d/two.py": b"two\n"}


def damaged(text):
    return SMALL | SMALL_STAGED | {"staged/manifest": text}


def is_discarded(found):
    assert found["files"] == SMALL and found["error"] is None, found
    assert found["said"] == [found["left"]] and mentions(found["left"], "damaged", "discarded")


def test_a_manifest_that_is_cut_anywhere_counts_for_nothing(level, tmp_path):
    """Also in the middle of a path, which would be another path; the log says it, and the old node runs."""
    whole = sealed(SMALL_STEPS)
    *cut, complete = start(level, tmp_path, [damaged(whole[:n]) for n in range(len(whole) + 1)])
    for found in cut:
        is_discarded(found)
    assert complete["files"] == SMALL_NEW and complete["said"] == [] and complete["left"] is None
    assert complete["names"] == ["_OUTPUTS", "_STAGED", "_name", "gc", "os", "print", "sys"]


def test_a_manifest_with_wrong_bytes_counts_for_nothing(level, tmp_path):
    whole = sealed(SMALL_STEPS)
    dice = random.Random(13)
    cases = [bytes(dice.randrange(256) for _ in range(dice.randrange(1, 300))) for _ in range(60)]
    for _ in range(240):
        text = bytearray(whole)
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            at = dice.randrange(len(text))
            kind = dice.randrange(4)
            if kind == 0:
                text[at] ^= 1 << dice.randrange(8)
            elif kind == 1:
                del text[at : at + dice.randrange(1, 20)]
            elif kind == 2:
                text[at:at] = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 5)))
            else:
                text[at:at] = text[at : at + dice.randrange(1, 30)]
            if not text:
                break
        cases.append(bytes(text))
    cases += [b"\n".join(line.encode() for line in SMALL_STEPS) + b"\n", whole.replace(b"main.py", b"main.pY"), whole + whole]
    for case, found in zip(cases, start(level, tmp_path, [damaged(case) for case in cases]), strict=True):
        if case != whole:
            is_discarded(found)


def test_what_would_raise_at_every_start(level, tmp_path):
    """Empty lines, a folder where a file has to go, folders in staged/, and a manifest that is one."""
    manifest = sealed(["", *SMALL_STEPS, "- a", "- nodes/", "- never/was", ""])
    whole = SMALL | SMALL_STAGED | {"staged/manifest": manifest, "staged/deep/er/file": b"x"}
    folder = SMALL | SMALL_STAGED | {"staged/manifest/x": b"x"}
    no_step = SMALL | SMALL_STAGED | {"staged/manifest": sealed(["0main.py"])}
    empty, first, second, third = start(level, tmp_path, [SMALL | {"staged/": b""}, whole, folder, no_step])
    assert empty["files"] == SMALL and empty["error"] is None and empty["left"] is None
    assert first["files"] == SMALL_NEW and first["error"] is None, first
    is_discarded(second)
    is_discarded(third)


def test_a_file_that_is_lost_is_told(level, tmp_path):
    """As littlefs of MicroPython 1.26.1 loses one when the power goes twice: no half of a node runs, with its outputs off."""
    case = SMALL | SMALL_STAGED | {"staged/manifest": sealed(SMALL_STEPS)}
    (found,) = start(level, tmp_path, [{path: content for path, content in case.items() if path != "staged/2"}])
    assert mentions(found["error"], "c/d/two.py") and (2, 0) in found["pins"], found


# ---- outputs


def test_what_the_node_drives_is_off_first(level, tmp_path):
    """By its list and by the board's; what is off at 1 is at 1. Where the list can't be read, all heater pins are low."""
    whole = SMALL["outputs.txt"]
    bad = [whole[:n] for n in range(len(whole))] + [whole.replace(b"9 1", b"8 1"), b"2 0\n9 1\n", b"\xff\xfe\n"]
    bad += [sealed(["2 x"]), sealed(["2"])]
    good = [SMALL, SMALL | {"outputs.txt": sealed([])}]
    good.append({"outputs.txt": whole})  # no board.py
    good.append(SMALL | {"board.py": b"import nothing_there\n"})
    good.append(SMALL | {"board.py": b"OUTPUTS = (2,)\n", "outputs.txt": b"?"})  # of somebody who knows no HEATER_PINS
    cases = [*good, SMALL | {"outputs.txt": sealed(["9 1", "99 0"])}, {k: v for k, v in SMALL.items() if k != "outputs.txt"}]
    cases += [SMALL | {"outputs.txt": text} for text in bad]
    listed, empty, no_board, bad_board, plain, foreign, *unreadable = start(level, tmp_path, cases)
    assert listed["pins"] == [(2, 0), (9, 1), (2, 0)] and empty["pins"] == [(2, 0)]
    assert no_board["pins"] == bad_board["pins"] == [(2, 0), (9, 1)]
    assert plain["pins"] == [(2, 0)] and plain["error"] is None
    assert foreign["pins"] == [(9, 1), (2, 0), (2, 0), (3, 0)] and foreign["error"] is None  # GPIO99, of another board
    for found in unreadable:
        assert found["error"] is None and found["pins"] == [(2, 0), (2, 0), (3, 0)], found


def test_before_an_update_the_outputs_of_both_nodes_are_off(level, tmp_path):
    """And wherever it is continued."""
    new = sealed(["4 0", "10 1"])
    steps = [*SMALL_STEPS, "3 outputs.txt"]
    whole = SMALL | SMALL_STAGED | {"staged/3": new, "staged/manifest": sealed(steps)}
    done = {path: content for path, content in whole.items() if path != "staged/3"} | {"outputs.txt": new}
    bad = whole | {"staged/manifest": sealed(steps)[:-1]}
    first, continued, discarded = start(level, tmp_path, [whole, done, bad])
    both = [(2, 0), (9, 1), (2, 0), (4, 0), (10, 1), (2, 0)]
    assert first["pins"] == [*both, (4, 0), (10, 1), (2, 0)] and first["files"] == SMALL_NEW | {"outputs.txt": new}
    assert continued["pins"] == [(4, 0), (10, 1), (2, 0)] * 2
    assert discarded["pins"] == [(2, 0), (9, 1), (2, 0)] and discarded["files"] == SMALL
