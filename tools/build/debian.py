"""Debian's packages as sources of what is built here, by an apt state of its own; nothing of the system changes."""

import os
import re
import subprocess
import tarfile

from ..problem import Problem

_NEUTRAL = {"PATH", "HOME", "LANG", "TMPDIR", "TERM", "USER", "SHELL"}
_OF_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "MAKEFILES", "GNUMAKEFLAGS"}


STAYS = "trixie"  # the suite whose versions stay; in others they come and go


class Packages:
    """The packages of a suite, e.g. sid, downloaded into the folder `work`; `what` is built from them, for error texts.

    The source packages of trixie are there as well.
    """

    def __init__(self, work, suite, what):
        self.work = work
        self._what = what
        apt = work / "apt"
        for folder in ("lists/partial", "cache/archives/partial"):
            (apt / folder).mkdir(parents=True)
        targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True)
        mirrors = [uri for uri in dict.fromkeys(targets.stdout.split()) if uri.rstrip("/").endswith("/debian")]
        if not mirrors:
            raise Problem(f"building {what} needs Debian's packages, and apt knows no Debian mirror here")
        lists = [("deb", suite), *(("deb-src", of) for of in sorted({suite, STAYS}))]
        (apt / "sources.list").write_text("".join(f"{kind} {mirrors[0]} {of} main\n" for kind, of in lists))
        options = {
            "Dir::State": apt, "Dir::State::lists": apt / "lists", "Dir::State::status": "/dev/null",
            "Dir::Cache": apt / "cache",
            "Dir::Etc::sourcelist": apt / "sources.list", "Dir::Etc::sourceparts": "-", "APT::Sandbox::User": "",
        }  # fmt: skip
        options = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        self._apt, self._cache = ["apt-get", *options], ["apt-cache", *options]
        self.run([*self._apt, "update"])

    def versions(self, name):
        """The versions of a source package that there are, as Debian writes them, e.g. ["1.26.1+ds-1"]."""
        said = subprocess.run([*self._cache, "showsrc", name], capture_output=True, text=True, env=environment()).stdout
        paragraphs = (dict(re.findall(r"^(Package|Version): (\S+)$", text, re.M)) for text in said.split("\n\n"))
        return [found["Version"] for found in paragraphs if found.get("Package") == name]

    def source(self, name, version=None):
        """The upstream tarball of a source package."""
        package = name + (f"={version}" if version else "")
        self.run([*self._apt, "source", "--download-only", package])
        found = sorted(self.work.glob(f"{name}_*.orig.tar.*"))
        if not found:
            raise Problem(f"Debian's source package {package} has no tarball")
        return found[0]

    def unpack_source(self, name, target, version=None):
        """Unpack the upstream tarball of a source package as the folder `target`."""
        tarball = self.source(name, version)
        unpacked = target.with_name(target.name + ".unpacked")
        with tarfile.open(tarball) as tar:
            top = os.path.commonpath([m.name for m in tar.getmembers() if m.name.strip("./")])
            tar.extractall(unpacked)
        os.replace(unpacked / top, target)

    def unpack(self, name, target, version=None):
        """Unpack a binary package into the folder `target`."""
        self.run([*self._apt, "download", name + (f"={version}" if version else "")])
        self.run(["dpkg-deb", "-x", next(self.work.glob(f"{name}_*.deb")), target])

    def run(self, command):
        """Run a program in the folder; raises Problem with its last words where it fails."""
        run(command, self.work, self._what)


def run(command, work, what):
    """Run a program in the folder `work`, its output in log.txt there; raises Problem with its last words where it fails."""
    log = work / "log.txt"
    command = [str(c) for c in command]
    env = environment({"make", "cmake"} & set(command))
    with open(log, "a") as out:
        code = subprocess.run(command, cwd=work, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL).returncode
    if code:
        last = log.read_text(errors="replace").strip().splitlines()[-3:]
        raise Problem(f"building {what} failed at `{command[0]}` (all of it: {log}): " + " | ".join(last))


def environment(build=True):
    """The variables that a program gets: none of a make that started us; where it builds, none that means something to it.

    Makefiles take PYTHON, BOARD, HOST, CFLAGS and others from there, which on this machine may stand for something else.
    """
    if build:
        return {key: value for key, value in os.environ.items() if key in _NEUTRAL or key.startswith("LC_")}
    return {key: value for key, value in os.environ.items() if key not in _OF_MAKE}
