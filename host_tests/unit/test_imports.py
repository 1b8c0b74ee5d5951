"""Who may import whom (design.md): the framework knows nothing of the rest, and the parts nothing of each other."""

import ast

import pytest

from tools.common import paths

PARTS = ("secnode", "transport", "control", "drivers", "net", "modules", "nodes")
BOARD = ("machine", "network", "board", "stamp", "esp32", "rp2")
STANDARD = (
    "array asyncio binascii collections deflate errno framebuf gc hashlib heapq io json math micropython os platform random re "
    "select socket ssl struct sys time"
).split()

# what each part may import beside the standard library and itself
ALLOWED = {
    "secnode": (),
    "transport": ("secnode",),
    "control": ("secnode",),
    "drivers": ("secnode", "machine"),
    "net": ("secnode", "network", "machine"),
    "modules": ("secnode", "control"),
    "nodes": ("secnode", "control", "drivers", "modules", "machine"),
}
FIRMWARE = sorted(paths.FIRMWARE.rglob("*.py"))


def imports(path):
    """(line, top-level name) of every import in a file, also those inside functions."""
    for found in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(found, ast.Import):
            for name in found.names:
                yield found.lineno, name.name.split(".")[0]
        elif isinstance(found, ast.ImportFrom):
            assert not found.level, f"{path}:{found.lineno}: MicroPython on a board has no use for relative imports"
            yield found.lineno, found.module.split(".")[0]


def name(path):
    return path.relative_to(paths.ROOT).as_posix()


@pytest.mark.parametrize("path", FIRMWARE, ids=name)
def test_a_part_imports_what_it_may(path):
    part = path.relative_to(paths.FIRMWARE).parts[0]
    for line, wanted in imports(path):
        if part in ALLOWED:
            assert wanted in (part, *ALLOWED[part], *STANDARD), f"{name(path)}:{line} imports {wanted}"
        # boot, main and settings put everything together, but of the board only
        known = (*PARTS, *BOARD, *STANDARD, "settings", "repl", "running", "cause", "outputs", "buses")
        assert wanted in known, f"{name(path)}:{line} imports {wanted}"


@pytest.mark.parametrize("path", sorted(paths.BOARDS.rglob("*.py")), ids=name)
def test_a_board_knows_neither_tools_nor_tests(path):
    for line, wanted in imports(path):
        assert wanted not in ("tools", "host_tests"), f"{name(path)}:{line} imports {wanted}"


def test_tools_do_not_need_the_tests():
    """What is installed on a PC has no tests."""
    for path in paths.ROOT.joinpath("tools").rglob("*.py"):
        for found in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(found, ast.Import):
                assert not any(n.name.startswith("host_tests") for n in found.names), f"{name(path)}:{found.lineno}"
            elif isinstance(found, ast.ImportFrom):
                assert not (found.module or "").startswith("host_tests"), f"{name(path)}:{found.lineno}"


def test_every_part_of_the_firmware_has_its_rule():
    folders = {p.relative_to(paths.FIRMWARE).parts[0] for p in FIRMWARE if p.parent != paths.FIRMWARE}
    assert folders <= set(ALLOWED)


def test_the_rules_would_notice():
    assert list(imports(paths.FIRMWARE / "drivers" / "pwm_heater.py")) and "machine" not in STANDARD
