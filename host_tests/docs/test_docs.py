"""What the documents say can be done: blocks that are marked are run, commands and links exist.

A block after `<!-- a test runs this -->` is run in a folder of its own, whose files stay for the blocks after it: lines of a
console block that begin with $, and what they print, with "..." for anything; Python as a script. A block of TOML or Python
that begins with a comment like `# oven.toml` is a file of that name. With `<!-- a test runs this: NODE SPEED -->` that node, or
such a file, listens at 127.0.0.1:10767 (the test takes another port), and `make talk` talks to it. A block that
starts something itself puts its process id into a file *.pid.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from host_tests import harness
from tools import __main__ as program

ROOT = harness.ROOT
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "boards").rglob("*.md")),
]
_MARKED = re.compile(r"<!-- a test runs this(?:: ([\w.]+) (\d+))? -->\n(?:\n)?```(\w+)\n(.*?)```", re.DOTALL)
_PORT = "10767"
_TIMEOUT = 90


def name(path):
    return path.relative_to(ROOT).as_posix()


MARKED = {path: _MARKED.findall(path.read_text("utf-8")) for path in DOCUMENTS}


# ---- what is run


@pytest.fixture
def shell(tmp_path):
    """shell(words, text) runs a command with `secnode` on its path; gives (exit code, what it said)."""
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "secnode").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tools "$@"\n')
    (bin / "secnode").chmod(0o755)
    folder = tmp_path / "here"
    folder.mkdir()
    path = os.pathsep.join([str(bin), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "HOME": str(tmp_path)}

    def run(words, text=None):
        done = subprocess.run(
            words,
            input=text,
            cwd=folder,
            env=env,
            text=True,
            timeout=_TIMEOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout

    run.folder = folder
    yield run
    for left in folder.glob("*.pid"):  # of what a command started beside
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(left.read_text()), signal.SIGTERM)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", [path for path, blocks in MARKED.items() if blocks], ids=name)
def test_what_is_marked_works(path, shell):
    running = {}
    free = str(harness.free_port())  # for a node that a block starts itself
    try:
        for node, speed, language, block in MARKED[path]:
            if node and node not in running:
                file = shell.folder / node
                running[node] = harness.NodeProcess("cpython", file if file.exists() else node, int(speed))
            if node:
                block = block.replace("| make talk", f"| secnode talk 127.0.0.1:{_PORT}")
            run_block(language, block.replace(_PORT, str(running[node].port) if node else free), shell)
    finally:
        for process in running.values():
            process.stop()


def run_block(language, block, shell):
    file = re.match(r"# (\S+\.(?:toml|py))\n", block)
    if file:
        (shell.folder / file[1]).write_text(block)
        return
    if language == "python":
        code, said = shell([sys.executable, "-"], block)
        assert code == 0, f"{block}\n{said}"
        return
    assert language == "console", f"{language}: it begins with the name of its file"
    for command, expected in commands(block):
        code, said = shell(["sh", "-c", command])
        assert code == 0, f"$ {command}\n{said}"
        assert re.search(pattern(expected), said), f"$ {command}\n{said}\ninstead of\n{expected}"


def commands(block):
    """(command, what it prints) of a console block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def pattern(expected):
    """Lines as they are shown, "..." for anything; numbers with a point are those of another day."""
    words = re.escape(expected.strip())
    words = re.sub(r"\d\d:\d\d:\d\d\\\.\d+", r"\\d\\d:\\d\\d:\\d\\d\\.\\d+", words)
    words = re.sub(r"\d+\\\.\d+", r"-?\\d+\\.?\\d*(?:e-?\\d+)?", words)
    words = re.sub(r"(?:\\ )+", r"\\s+", words)
    return words.replace(r"\.\.\.", r"[\s\S]*?")


def test_something_is_marked():
    assert sum(len(blocks) for blocks in MARKED.values()) > 5


# ---- what is there


def heading_anchors(text):
    found = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        found.add(plain.replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{target}: there is no {there}"
        if anchor and there.suffix == ".md":
            assert anchor in heading_anchors(there.read_text("utf-8")), f"{target}: there is no such heading"


@pytest.fixture(scope="module")
def options():
    """The options of each verb."""
    found = {}
    for verb in program.VERBS:
        parser = argparse.ArgumentParser()
        program.load(verb).add_arguments(parser)
        found[verb] = set(parser._option_string_actions)
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_commands_exist(path, options):
    text = path.read_text("utf-8")
    code = "\n".join("".join(found) for found in re.findall(r"`([^`\n]+)`|^(?:    |\$ )(.*)$", text, re.MULTILINE))
    for verb, rest in re.findall(r"(?:^|[\s(])secnode ([a-z]+(?:-[a-z]+)*)\b([^\n|]*)", code, re.MULTILINE):
        assert verb in options, f"there is no secnode {verb}"
        for option in re.findall(r"(?<=\s)(--[a-z][a-z-]*)", rest.partition("  (")[0].partition("#")[0]):
            assert option in options[verb], f"secnode {verb} has no {option}"
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"(?:^|[\s(])make ([a-z][a-z0-9-]*)\b(?!=)", code, re.MULTILINE):
        assert target in targets, f"there is no make {target}"
