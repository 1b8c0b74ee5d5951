"""Python programs that tests start, as forks of one process that has what they import of other people loaded already.

`Popen` takes subprocess.Popen's place, and is one: the process it starts is a child of whoever asked, with arguments,
environment, folder and files as asked. The program itself is loaded anew each time, from its source as it is now: compiled
once, whatever folder an image lies in. Other programs that are to end with who asked are started from there, too: that
process is small. Any other command is started as ever.

As a script it is the process that forks: a request comes over the socket at file descriptor sys.argv[1], with the files.
"""

import ctypes
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

_CLONE = {"x86_64": 56, "aarch64": 220}.get(platform.machine()) if sys.platform == "linux" else None
_CLONE_PARENT = 0x8000  # so that who asked has it as its own child
_LARGEST = 1 << 20  # bytes of a request: arguments and environment
_ROOM = 400  # above all numbers of files that are asked for
_SEVERAL = 40  # files at most
_PR_SET_PDEATHSIG = 1

# what nodes import of the standard library, and what tools import beside it
_NODES = (
    "argparse array asyncio binascii cmath errno hashlib heapq io json math os random re select socket ssl struct tempfile time"
)
_TOOLS = (
    "ast contextlib copy csv dataclasses datetime difflib email.message fcntl functools getpass glob html http.client inspect "
    "itertools logging platform pty queue runpy secrets shlex shutil signal statistics string textwrap threading traceback "
    "types typing unicodedata urllib.request uuid zipfile psutil pydantic rich.console rich.live rich.markup rich.progress "
    "rich.table rich.text rich.traceback serial serial.tools.list_ports tomlkit tree_sitter tree_sitter_toml"
)
_AS_IT_IS = ("LANG", "LC_", "PYTHON", "TZ", "MALLOC_", "LD_")  # of the environment: what a process looks at when it begins
_FOLLOWED = ("PYTHONPATH", "PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")


class Popen(subprocess.Popen):
    """subprocess.Popen, by a fork where the command is one of a program of this checkout."""

    def _execute_child(self, *given):
        asked = dict(zip(_NAMES, given, strict=True))
        if not _starter.start(self, asked):
            super()._execute_child(*given)


def _parameters():
    code = subprocess.Popen._execute_child.__code__
    return code.co_varnames[1 : code.co_argcount]


_NAMES = _parameters()
_NONE = "executable startupinfo shell gid gids uid umask process_group".split()


def _asked_for(asked):
    """(options, module or None, words of sys.argv) of a command that can be forked; else None."""
    args = asked["args"]
    if isinstance(args, (str, bytes)) or not args:
        return None
    program, *words = (os.fspath(word) for word in args)
    if program != sys.executable or any(isinstance(word, bytes) for word in words):
        return None
    options = set()
    while words and words[0] in ("-B", "-u"):
        options.add(words.pop(0))
    if words[:1] == ["-m"] and len(words) > 1 and (words[1] == "tools" or words[1].startswith("host_tests.")):
        return options, words[1], words[1:]
    if words and words[0].endswith(".py") and Path(words[0]).is_absolute() and Path(words[0]).is_relative_to(_ROOT):
        return options, None, words
    return None


_ROOT = Path(__file__).resolve().parent.parent


def _at_start(environment):
    return {key: text for key, text in environment.items() if key.startswith(_AS_IT_IS) and key not in _FOLLOWED}


class _Starter:
    """The processes that fork, by what can't be changed after a start."""

    def __init__(self):
        self._peers = {}  # (a socket, the process) each
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._environment = dict(os.environ)

    def start(self, process, asked):
        """Give `process` its pid, the files that were for it closed; False where it has to be started otherwise."""
        follows = getattr(asked["preexec_fn"], "__name__", "") == "die_with_parent"
        if (
            not _CLONE
            or os.getpid() != self._pid
            or any(asked.get(name) not in (None, False, -1) for name in _NONE)
            or not (asked["close_fds"] and asked["restore_signals"])
            or not (follows or asked["preexec_fn"] is None)
        ):
            return False
        environment = dict(os.environ if asked["env"] is None else asked["env"])
        found, program = _asked_for(asked), None
        if found is None or _at_start(environment) != _at_start(self._environment):
            # with a function to be called in between, subprocess would copy a process with thousands of tests in it
            words = [os.fsdecode(word) for word in asked["args"]] if isinstance(asked["args"], (list, tuple)) else []
            program = follows and words and shutil.which(words[0], path=environment.get("PATH"))
            if not program:
                return False
            found = set(), None, words
        options, module, words = found
        files = {
            0: _given(asked["p2cread"], 0), 1: _given(asked["c2pwrite"], 1), 2: _given(asked["errwrite"], 2),
            **{fd: fd for fd in asked["pass_fds"]},
        }  # fmt: skip
        if max(files) >= _ROOM or len(files) > _SEVERAL:
            return False
        request = {
            "options": sorted(options), "module": module, "program": program, "words": words, "environment": environment,
            "folder": os.path.abspath(asked["cwd"] or os.getcwd()), "files": list(files), "follows": follows,
            "session": bool(asked["start_new_session"]),
        }  # fmt: skip
        text = json.dumps(request).encode()
        if not os.path.isdir(request["folder"]) or len(text) > _LARGEST:
            return False
        with self._lock:
            peer = self._peer("tools" if module == "tools" else None, environment.get("PYTHONHASHSEED"))
            socket.send_fds(peer, [len(text).to_bytes(4, "big")], list(files.values()))
            peer.sendall(text)
            process.pid = int(peer.recv(20))
        process._child_created = True
        close = process._close_pipe_fds
        close(*(asked[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")))
        return True

    def _peer(self, *key):
        if key not in self._peers:
            ours, theirs = socket.socketpair()
            libraries, seed = key
            environment = {name: text for name, text in self._environment.items() if name not in _FOLLOWED}
            if seed is not None:
                environment["PYTHONHASHSEED"] = seed
            command = [sys.executable, __file__, str(theirs.fileno()), *([libraries] if libraries else [])]
            process = started(
                command, env=environment, cwd=_ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            theirs.close()
            self._peers[key] = ours, process
        return self._peers[key][0]

    def close(self):
        for peer, process in self._peers.values():
            peer.close()
            process.wait(10)
        self._peers.clear()


def _given(fd, default):
    return default if fd == -1 else fd


started = subprocess.Popen
_starter = None


def begin():
    """From now on, in this process; the environment is that of the processes that fork."""
    global _starter
    _starter = _Starter()
    subprocess.Popen = Popen


def end():
    subprocess.Popen = started
    _starter.close()


# ---- the process that forks


def _clone():
    """As os.fork(), but the new process is its parent's sibling."""
    python, c = ctypes.pythonapi, ctypes.PyDLL(None)
    python.PyOS_BeforeFork()
    pid = c.syscall(_CLONE, _CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
    if pid:
        python.PyOS_AfterFork_Parent()
    else:
        python.PyOS_AfterFork_Child()
    return pid


def _wait_for_requests(peer):
    """Fork for each; gives the request in the fork, with its files."""
    while True:
        begin, files, _, _ = socket.recv_fds(peer, 4, _SEVERAL)
        if not begin:
            os._exit(0)
        size, text = int.from_bytes(begin, "big"), b""
        while len(text) < size:
            text += peer.recv(size - len(text))
        pid = _clone()
        if not pid:
            return json.loads(text), files
        for fd in files:
            os.close(fd)
        peer.sendall(str(pid).encode())


def _become(request, files):
    """This process as the request wants it; gives what has to be run, as a function."""
    high = [os.dup2(fd, _ROOM + i) for i, fd in enumerate(files)]
    os.closerange(3, _ROOM)
    for fd, number in zip(high, request["files"], strict=True):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    if request["session"]:
        os.setsid()
    if request["follows"]:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if request["program"]:
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.execve(request["program"], request["words"], os.environ)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.dont_write_bytecode = "-B" in request["options"] or bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    _open_streams("-u" in request["options"] or bool(os.environ.get("PYTHONUNBUFFERED")))
    words, module = request["words"], request["module"]
    more = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.argv = words
    import types

    main = sys.modules["__main__"] = types.ModuleType("__main__")
    if module:
        import runpy

        sys.path[:1] = [request["folder"], *more]
        return lambda: runpy._run_module_as_main(module)
    script = os.path.abspath(words[0])
    sys.path[:1] = [os.path.dirname(os.path.realpath(script)), *more]
    main.__file__ = script
    import importlib.machinery

    loader = main.__loader__ = importlib.machinery.SourceFileLoader("__main__", script)
    code = loader.get_code("__main__")
    return lambda: exec(code, main.__dict__)


def _open_streams(unbuffered):
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    for number, (name, mode) in enumerate([("stdin", "r"), ("stdout", "w"), ("stderr", "w")]):
        own = getattr(sys, name)  # as the locale has it
        try:
            file = open(number, mode + "b", -1 if not (unbuffered and number) else 0, closefd=False)
        except OSError:
            file = None
        if file:
            import io

            through = unbuffered and number > 0
            file = io.TextIOWrapper(
                file, encoding or own.encoding, (errors or own.errors) if number < 2 else own.errors,
                line_buffering=number == 2 or (number == 1 and file.isatty()), write_through=through,
            )  # fmt: skip
            file.mode = mode
        setattr(sys, name, file)
        setattr(sys, f"__{name}__", file)


def _compile_once(kept):
    """Have source that was compiled before, in whatever folder, not compiled again."""
    import _imp
    import hashlib
    import importlib.machinery
    import marshal

    ordinary = importlib.machinery.SourceFileLoader.get_code
    libraries = os.path.dirname(os.__file__), sys.prefix
    os.makedirs(kept, exist_ok=True)

    def get_code(self, name):
        path = self.get_filename(name)
        if path.startswith(libraries):
            return ordinary(self, name)
        source = self.get_data(path)
        place = f"{kept}/{hashlib.sha1(source).hexdigest()}"
        try:
            with open(place, "rb") as f:
                code = marshal.load(f)
        except (OSError, EOFError, ValueError, TypeError):
            code = self.source_to_code(source, path)
            beside = f"{place}.{os.getpid()}"
            with open(beside, "wb") as f:
                marshal.dump(code, f)
            os.replace(beside, place)
        else:
            _imp._fix_co_filename(code, path)
        return code

    importlib.machinery.SourceFileLoader.get_code = get_code


def _serve():
    peer = socket.socket(fileno=int(sys.argv[1]))
    import importlib

    sys.path[0] = str(_ROOT)  # else folders of tests have names of libraries
    for name in (_NODES + " " + (_TOOLS if len(sys.argv) > 2 else "")).split():
        importlib.import_module(name)
    if sys.pycache_prefix:
        _compile_once(os.path.join(sys.pycache_prefix, f"by-content-{sys.implementation.cache_tag}"))
    import gc

    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Ctrl-C that comes before a program has begun ends it
    return _wait_for_requests(peer)


def _hide(original):
    """A traceback shows the program's frames alone."""

    def show(kind, value, traceback):
        while traceback and traceback.tb_frame.f_code.co_filename == __file__:
            traceback = traceback.tb_next
        original(kind, value.with_traceback(traceback), traceback)

    return show


if __name__ == "__main__":
    _request, _files = _serve()
    sys.excepthook = _hide(sys.__excepthook__)
    _become(_request, _files)()
