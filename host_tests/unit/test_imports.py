"""Who may import whom (design.md): the framework knows nothing of the rest, and the parts nothing of each other."""

import ast
import subprocess
import sys

import pytest

from tools import paths

PARTS = ("secnode", "transport", "control", "drivers", "instruments", "net", "modules", "simulated", "nodes")
BOARD = ("machine", "network", "board", "stamp", "esp32", "rp2", "_onewire")
STANDARD = (
    "array asyncio binascii collections deflate errno framebuf gc hashlib heapq io json math micropython os platform random re "
    "select socket ssl struct sys time uctypes"
).split()

# what each part may import beside the standard library and itself
ALLOWED = {
    "secnode": (),
    "transport": ("secnode",),
    "control": ("secnode",),
    "drivers": ("secnode", "machine", "_onewire", "rp2"),
    "instruments": ("secnode", "control", "machine"),
    "net": ("secnode", "network", "machine"),
    "modules": ("secnode", "control"),
    "simulated": ("secnode",),
    # the board in simulate() alone
    "nodes": ("secnode", "control", "drivers", "instruments", "modules", "simulated", "machine", "board"),
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
        known = (
            *PARTS,
            *BOARD,
            *STANDARD,
            "settings",
            "repl",
            "running",
            "cause",
            "outputs",
            "inputs",
            "buses",
            "counters",
            "steppers",
        )
        assert wanted in known, f"{name(path)}:{line} imports {wanted}"


@pytest.mark.parametrize("path", sorted(paths.BOARDS.rglob("*.py")), ids=name)
def test_a_board_knows_neither_tools_nor_tests(path):
    for line, wanted in imports(path):
        assert wanted not in ("tools", "host_tests"), f"{name(path)}:{line} imports {wanted}"


# ---- the PC's tools

# what each room may import beside itself and the files in tools/ itself, which import no room
MAY = {
    "image": ("image.compose",),
    "image.compose": ("image",),
    "client": (),
    "conformance": ("client",),
    "build": ("image",),
    "board": ("image", "build"),
    "emulator": ("image", "build", "board"),
    "proof": ("image", "build", "emulator"),
    "testing": ("image", "client", "build", "emulator"),
    "verbs": ("image", "image.compose", "client", "conformance", "build", "board", "emulator", "proof"),
}
TOOLS = paths.ROOT / "tools"
FILES = {path.relative_to(TOOLS).with_suffix("").as_posix().replace("/", "."): path for path in sorted(TOOLS.rglob("*.py"))}


def room(module):
    return module.rpartition(".")[0]


def tool_imports(module):
    """What a file of the tools imports, wherever that stands in it: (line, name), one of FILES where it is one of the tools."""
    for found in ast.walk(ast.parse(FILES[module].read_text("utf-8"))):
        if isinstance(found, ast.Import):
            # image/structure.py is run as a script: what is beside it has no package
            beside = [f"{room(module)}.{name.name}" for name in found.names]
            names = [one if one in FILES else name.name for one, name in zip(beside, found.names, strict=True)]
        elif isinstance(found, ast.ImportFrom) and found.level:
            package = module.split(".")[: -found.level]
            base = ".".join([*package, *([found.module] if found.module else [])])
            names = [base] if base in FILES else [".".join(filter(None, (base, name.name))) for name in found.names]
        elif isinstance(found, ast.ImportFrom):
            names = [found.module]
        else:
            continue
        for name in names:
            yield found.lineno, name


@pytest.mark.parametrize("module", FILES)
def test_a_room_of_the_tools_imports_what_it_may(module):
    here = room(module)
    for line, name in tool_imports(module):
        where = f"tools/{module}:{line} imports {name}"
        assert name.split(".")[0] not in ("tools", "host_tests"), where  # what is installed has another name, and no tests
        if name in FILES:
            # a verb imports no verb: what two of them need is in a room
            allowed = ("", *MAY[here], *([here] if here != "verbs" else [])) if here else ("",)
            assert room(name) in allowed, where


def test_every_room_of_the_tools_has_its_rule():
    assert {room(module) for module in FILES} == {"", *MAY}


def test_tools_import_each_other_in_no_circle():
    """An import within a function counts as well: it would only put a circle off."""
    wanted = {module: {name for _, name in tool_imports(module) if name in FILES} for module in FILES}
    while free := [module for module, needs in wanted.items() if not needs]:
        for module in free:
            del wanted[module]
        for needs in wanted.values():
            needs.difference_update(free)
    assert not wanted


def test_only_the_verb_that_is_used_is_loaded():
    code = "import sys; from tools.__main__ import main; main(['describe', 'outside']); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True, timeout=60)
    loaded = done.stdout.splitlines()[-1].split()
    assert [name for name in loaded if name.startswith("tools.verbs.")] == ["tools.verbs.describe"], done.stderr


# ---- the rules themselves


def test_every_part_of_the_firmware_has_its_rule():
    folders = {p.relative_to(paths.FIRMWARE).parts[0] for p in FIRMWARE if p.parent != paths.FIRMWARE}
    assert folders <= set(ALLOWED)


def test_the_rules_would_notice():
    assert list(imports(paths.FIRMWARE / "drivers" / "pwm_heater.py")) and "machine" not in STANDARD
    assert "image.boards" in [name for _, name in tool_imports("image.image")]
    assert "image.driven" in [name for _, name in tool_imports("image.structure")]
    assert "problem" in [name for _, name in tool_imports("client.client")]
