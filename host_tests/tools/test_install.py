"""The PC's program as pipx installs it: outside of a checkout, with all that it needs inside the package."""

import json
import os
import signal
import subprocess
import sys

import pytest

from host_tests import harness


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The path of an installed `secnode`; what it depends on is taken from the tests' own environment."""
    folder = tmp_path_factory.mktemp("installed")
    target = folder / "packages"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", target, str(harness.ROOT)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def secnode(installed, *words, **kwds):
    env = {**os.environ, "PYTHONPATH": str(installed / "packages"), "XDG_CACHE_HOME": str(installed / "cache")}
    return subprocess.Popen(
        [installed / "packages" / "bin" / "secnode", *words], cwd=installed, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwds,
    )  # fmt: skip


def test_help(installed):
    said = secnode(installed, "--help").communicate(timeout=30)[0]
    for verb in ("run", "talk", "describe", "check", "scan"):
        assert verb in said
        assert "usage: secnode " + verb in secnode(installed, verb, "--help").communicate(timeout=30)[0]


def test_version(installed):
    assert "secnode 0." in secnode(installed, "--version").communicate(timeout=30)[0]


def test_describe(installed):
    said = secnode(installed, "describe", "example_heater").communicate(timeout=30)[0]
    assert list(json.loads(said)["modules"]) == ["outside", "heater"]


def test_a_file_of_the_users_own(installed):
    said, complaint = secnode(installed, "configure", "mine.toml", "--set", "equipment_id=mine").communicate(timeout=60)
    assert "mine.toml is written" in said, complaint
    said = secnode(installed, "describe", "mine.toml").communicate(timeout=60)[0]
    assert json.loads(said)["equipment_id"] == "mine"


def test_run(installed):
    port = harness.free_port()
    process = secnode(installed, "run", "outside", "--port", str(port), start_new_session=True)
    try:
        assert f"127.0.0.1:{port}" in process.stdout.readline()
        with harness.Wire(("127.0.0.1", port)) as wire:
            assert wire.ask("*IDN?") == "ISSE,SECoP,V2019-09-16,v1.0"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
