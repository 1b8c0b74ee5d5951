"""`make dist`: what a release has, in dist/. Needs what building MicroPython for the Pico needs, and nothing of this machine.

sdist and wheel, checked by twine; UF2 files for a bare Pico; what all of it is made of, as CycloneDX; checksums. With `--tag
v1.2.3` it is a release: tag, version and CHANGELOG.md have to agree, and the notes are written for it.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .. import paths
from ..problem import Problem
from . import debian, micropython, pico

DIST = paths.ROOT / "dist"
INSTALLED = paths.build_dir() / "installed"  # an environment with the wheel alone, which the smoke test uses
NODES = "outside", "example_heater"  # that a file is made with
_HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)


def main(words=None):
    parser = argparse.ArgumentParser(prog="make dist", description=__doc__)
    parser.add_argument("--tag", default="", help="the tag that is released, as v1.2.3")
    args = parser.parse_args(words)
    try:
        version = paths.version()
        notes = changelog((paths.ROOT / "CHANGELOG.md").read_text("utf-8"), version, args.tag)
        shutil.rmtree(DIST, ignore_errors=True)
        DIST.mkdir()
        packages()
        install(version)
        files(version)
        (DIST / f"secnode-{version}.cdx.json").write_text(json.dumps(bill(version), indent=2) + "\n")
        sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(DIST.iterdir())]
        (DIST / "SHA256SUMS").write_text("".join(sums))
        (paths.build_dir() / "release-notes.md").write_text(notes)
    except Problem as e:
        print(f"dist: {e}", file=sys.stderr)
        return 2
    for path in sorted(DIST.iterdir()):
        print(f"  {path.stat().st_size // 1024:5} KiB  {path.name}")
    return 0


def changelog(text, version, tag=""):
    """What CHANGELOG.md says of a tag, else of what is not released yet. Raises Problem where heading and version disagree."""
    parts = _HEADING.split(text)[1:]
    sections = [(parts[i], parts[i + 1], parts[i + 2].strip()) for i in range(0, len(parts), 3)]
    if not sections or sections[0][0] != "Unreleased":
        raise Problem("CHANGELOG.md has to begin with ## [Unreleased]")
    for name, date, _ in sections[1:]:
        if not date or not re.fullmatch(r"\d+\.\d+\.\d+", name):
            raise Problem(f"CHANGELOG.md: a release's heading is ## [1.2.3] - 2026-12-31, not [{name}]")
    released = [tuple(map(int, name.split("."))) for name, _, _ in sections[1:]]
    if released != sorted(set(released), reverse=True):
        raise Problem("CHANGELOG.md: the newest release comes first, and each one once")
    now = tuple(map(int, version.split(".")))
    if released and released[0] > now:
        raise Problem(f"CHANGELOG.md has a release {sections[1][0]}, and firmware/secnode/__init__.py says {version}")
    if not tag:
        return sections[0][2] + "\n"
    if tag != f"v{version}":
        raise Problem(f"the tag is {tag}, and firmware/secnode/__init__.py says {version}: the tag has to be v{version}")
    if not released or released[0] != now:
        raise Problem(f"CHANGELOG.md has no heading ## [{version}] - DATE below [Unreleased]")
    if sections[0][2]:
        raise Problem(f"CHANGELOG.md: what is below [Unreleased] belongs to [{version}]")
    return sections[1][2] + "\n"


def packages():
    """sdist and wheel, the wheel built from the sdist."""
    run(sys.executable, "-m", "build", "--outdir", DIST, paths.ROOT)
    run(sys.executable, "-m", "twine", "check", "--strict", *sorted(DIST.iterdir()))


def install(version):
    """The wheel into a fresh environment, with what it depends on."""
    shutil.rmtree(INSTALLED, ignore_errors=True)
    run(sys.executable, "-m", "venv", INSTALLED)
    wheel = DIST / f"secnode-{version}-py3-none-any.whl"
    run(INSTALLED / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel)


def files(version):
    """MicroPython with the firmware for each board that it is built for, and the same with a node."""
    for board in pico.BUILT:
        shutil.copy(pico.firmware(frozen=True, board=board), DIST / f"secnode-{version}-{board}.uf2")
        for node in NODES:
            target = DIST / f"secnode-{version}-{board}-{node}.uf2"
            run(sys.executable, "-m", "tools", "image", "--board", board, "--node", node, "-o", target)


def bill(version):
    """What the wheel brings along, and what is in the UF2 files, as an object of CycloneDX."""
    made = paths.build_dir() / "bill.json"
    words = ["environment", INSTALLED / "bin/python", "--output-reproducible", "--of", "JSON", "-o", made]
    run(sys.executable, "-m", "cyclonedx_py", *words)
    found = json.loads(made.read_text("utf-8"))
    own = [component for component in found["components"] if component["name"] == "secnode"]
    found["components"] = [component for component in found["components"] if component not in own]
    # where the wheel lay on this machine is nobody's affair
    named = {key: value for key, value in own[0].items() if key != "externalReferences"}
    found["metadata"]["component"] = {**named, "type": "application"}
    found["components"] += [
        {
            "type": "firmware" if name == "micropython" else "library", "bom-ref": f"{name}@{number}", "name": name,
            "version": number, "purl": f"pkg:generic/{name}@{number}", "description": "in the UF2 files",
        }
        for name, number in beneath().items()
    ]  # fmt: skip
    return found


def beneath():
    """What the UF2 files are built of, beside this firmware: a dict of name -> version."""
    tree = pico.tree()
    found = {"micropython": micropython.wanted()}
    header = (tree / "src/lib/mbedtls/include/mbedtls/build_info.h").read_text()
    found["mbedtls"] = re.search(r'MBEDTLS_VERSION_STRING +"([^"]+)"', header)[1]
    for name in ("pico-sdk", "tinyusb"):
        folder = tree / f"packages/usr/share/doc/{name}-source"
        first = subprocess.run(["zcat", folder / "changelog.Debian.gz"], capture_output=True, text=True).stdout
        found[name] = re.match(r".*? \(([^)]+)\)", first)[1]
    return found


def run(*command):
    """Run a program in the checkout. Raises Problem where it fails; its message is above."""
    command = [str(word) for word in command]
    print("$", *[Path(word).name if "/" in word else word for word in command], flush=True)
    if subprocess.run(command, cwd=paths.ROOT, env=debian.environment(build=False)).returncode:
        raise Problem(f"`{Path(command[0]).name} {' '.join(command[1:4])}` failed; its message is above")


if __name__ == "__main__":
    sys.exit(main())
