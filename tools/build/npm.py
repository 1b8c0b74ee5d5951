"""Packages of npm, each in a folder of its own in the build folder."""

import fcntl
import os
import shutil
import subprocess

from .. import paths
from ..problem import Problem
from . import debian

_NODE = 18


def folder(package, what):
    """The folder of a package of npm (name@version) with its `node_modules`; installs it where there is none.

    `what` is what needs it, for error texts. Raises Problem.
    """
    target = paths.build_dir() / package.lstrip("@").replace("@", "-").replace("/", "-")
    if (target / "node_modules").exists():
        return target
    version = _node_version()
    if version < _NODE or not shutil.which("npm"):
        raise Problem(f"{what} needs node {_NODE} or newer and npm: apt-get install nodejs npm")
    work = target.with_name(target.name + ".work")
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.with_name(target.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several who want it one installs it
        if not (target / "node_modules").exists():
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
            debian.run(["npm", "install", *options, "--prefix", work, package], work, what)
            os.replace(work, target)
    return target


def _node_version():
    """The major version of the machine's node, 0 where there is none."""
    try:
        text = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
        return int(text.strip().lstrip("v").split(".")[0] or 0)
    except (OSError, ValueError):
        return 0
