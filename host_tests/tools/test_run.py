"""`make run` as a person meets it: what it prints, how it ends, and what it says to a wrong wish."""

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time

import pytest

from host_tests import harness
from tools import paths
from tools.emulator import host
from tools.image import image
from tools.verbs import run

# a make of its own, also where these tests were started by one
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def make(*words):
    return subprocess.run(
        ["make", "run", *words], cwd=harness.ROOT, env=ENVIRONMENT,
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def read_until(fd, text, seconds=30):
    """What a terminal shows, up to a text."""
    shown = ""
    deadline = time.monotonic() + seconds
    while text not in shown:
        assert select.select([fd], [], [], max(deadline - time.monotonic(), 0))[0], f"no {text!r} in {shown!r}"
        try:
            shown += os.read(fd, 4096).decode(errors="replace")
        except OSError:  # a pseudo terminal's way to say that the other side has ended
            raise AssertionError(f"no {text!r} in {shown!r}") from None
    return shown


@pytest.mark.parametrize("node", ["outside", "example_heater", "vector_magnet"])
def test_ctrl_c_in_a_terminal_ends_make_with_0(level, node):
    harness.interpreter(level)
    port = harness.free_port()
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(harness.ROOT)
        python = "python3" if level == "cpython" else "micropython"
        os.execvpe("make", ["make", "run", f"NODE={node}", f"PORT={port}", f"PYTHON={python}", "SPEED=20"], ENVIRONMENT)
    shown = read_until(fd, "outputs off")
    assert f"127.0.0.1:{port}" in shown
    assert f"make talk PORT={port}" in shown and f"frappy-cli 127.0.0.1:{port}" in shown
    with harness.Wire(("127.0.0.1", port)) as wire:
        assert wire.ask("*IDN?") == "ISSE,SECoP,V2019-09-16,v1.0"
    os.write(fd, b"\x03")
    after = b""
    while True:
        try:
            after += os.read(fd, 4096)
        except OSError:
            break
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert after.replace(b"^C", b"").strip() == b""  # quietly
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["NODE=nothing"], ("'nothing'", "example_heater")),
        (["NODE=nothing.py"], ("nothing.py",)),
        (["PORT=http"], ("PORT", "1 to 65535", "'http'")),
        (["PORT=70000"], ("PORT", "1 to 65535", "'70000'")),
        (["SPEED=0"], ("SPEED", "1 to 1000", "'0'")),
        (["SPEED=fast"], ("SPEED", "1 to 1000", "'fast'")),
        (["CLIENTS=-1"], ("CLIENTS", "'-1'")),
        (["PYTHON=ruby7"], ("PYTHON=ruby7", "python3", "micropython")),
        (["PYTHON=cat"], ("PYTHON=cat",)),
        (["HOST=nowhere.invalid"], ("HOST=nowhere.invalid",)),
        (["HOST=192.0.2.1"], ("HOST=192.0.2.1",)),
    ],
)
def test_a_wrong_wish_is_one_line_and_exit_code_2(words, named):
    done = make(f"PORT={harness.free_port()}", *words)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(lines) == 1 and harness.mentions(lines[0], *named), done.stderr
    assert done.returncode == 2


def test_a_taken_port_is_said():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        done = make(f"PORT={s.getsockname()[1]}")
    assert "is taken" in done.stderr and "PORT=" in done.stderr and "Traceback" not in done.stderr
    assert done.returncode == 2


def test_needs_the_standard_library_alone(tmp_path):
    """`make run` in a fresh clone: isolated from what is installed for the tests."""
    port = harness.free_port()
    process = subprocess.Popen(
        [sys.executable, "-S", "-m", "tools", "run", "outside", "--port", str(port)],
        cwd=harness.ROOT, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert f"127.0.0.1:{port}" in process.stdout.readline()
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        assert process.wait(10) == 0


def test_outputs_are_low_after_ctrl_c(level):
    folder = image.build("example_heater")
    port = harness.free_port()
    powered = harness.ROOT / "host_tests" / "tools" / "powered.py"
    process = subprocess.Popen(
        [harness.interpreter(level), str(powered), str(folder), str(paths.BOARDS / "HOST"), str(paths.SHIMS)],
        env=host.environment(port=port, speed=20), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    host.wait_for_answer(process, "127.0.0.1", port)
    with harness.Wire(("127.0.0.1", port)) as wire:
        start = harness.split(wire.ask("read heater:value"))[2][0]
        assert wire.ask("change heater:target 110").startswith("changed")
        deadline = time.monotonic() + 20
        while harness.split(wire.ask("read heater:value"))[2][0] < start + 5:  # so it really heats
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=10)[0]
    assert re.search(r"exit code 0 levels \[\(2, 0(\.0)?\)\]", said), said


def test_speed_leaves_timestamps_to_the_wall_clock(nodes):
    with nodes("outside", speed=20).connect() as wire:
        first = harness.split(wire.ask("ping 1"))[2][1]["t"]
        time.sleep(0.5)
        second = harness.split(wire.ask("ping 2"))[2][1]["t"]
    assert abs(first - time.time()) < 30 and 0.4 < second - first < 5


@pytest.mark.parametrize("python", ["python3", "micropython"])
def test_a_fault_typed_at_its_console(python):
    """Pulling the sensor turns the heater off, with a status that a person understands; clear_errors brings it back."""
    port = harness.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools", "run", "--port", str(port), "--speed", "20", "--python", python],
        cwd=harness.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        while f"127.0.0.1:{port}" not in process.stdout.readline():
            pass
        with harness.Wire(("127.0.0.1", port)) as wire:
            wire.ask("activate heater")
            wire.ask("change heater:target 60")
            process.stdin.write("fault\nfault sensor_open\n")
            process.stdin.flush()
            line, _ = wire.until("update heater:status [[400")
            assert harness.mentions(line, "sensor", "open")
            assert harness.error_class(wire.ask("change heater:target 60")) == "IsError"
            assert wire.ask("check heater:target 60").startswith("checked")
            assert harness.error_class(wire.ask("do heater:clear_errors")) == "HardwareError"
            process.stdin.write("fault none\n")
            process.stdin.flush()
            wire.until("update heater:value")
            assert wire.ask("do heater:clear_errors").startswith("done")
            # off, but not blind
            assert len({harness.split(wire.ask("read heater:value"))[2][0] for _ in range(5)}) > 1
            assert wire.ask("change heater:target 40").startswith("changed")
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[0]
    assert re.search("^sensor_open: ", said, re.MULTILINE) and "transistor_short" in said
    assert process.returncode == 0


def started(node, port):
    """`make run` that keeps values in its own place: (process, what it said)."""
    environment = {key: value for key, value in ENVIRONMENT.items() if key != "SECNODE_SETTINGS"}
    process = subprocess.Popen(
        ["make", "run", f"NODE={node}", f"PORT={port}"], cwd=harness.ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    return process, read_until(process.stdout.fileno(), "outputs off")


def test_nodes_of_one_name_keep_values_of_their_own(tmp_path):
    """By the file's whole path and the port; and where they are kept is said."""
    source = (harness.NODES / "kept.py").read_text()
    for lab in ("labA", "labB"):
        (tmp_path / lab).mkdir()
        (tmp_path / lab / "heater.py").write_text(source)
    first, second = harness.free_port(), harness.free_port()
    # file, port, what it finds, what it changes that to
    wishes = [("labA", first, 5, 8), ("labB", first, 5, 9), ("labA", second, 5, 7)]
    wishes += [("labA", first, 8, 8), ("labB", first, 9, 9)]
    places = set()
    try:
        for lab, port, found, new in wishes:
            process, shown = started(tmp_path / lab / "heater.py", port)
            try:
                places.add(re.search(r"kept settings +(\S+\.json)", shown)[1])
                with harness.Wire(("127.0.0.1", port)) as wire:
                    assert harness.split(wire.ask("read control:_p"))[2][0] == found, (lab, port)
                    assert wire.ask(f"change control:_p {new}").startswith("changed")
            finally:
                os.killpg(process.pid, signal.SIGINT)
                process.communicate(timeout=20)
        assert len(places) == 3 and all("heater" in place for place in places)
    finally:
        for place in places:
            os.remove(place)


def test_in_the_background_of_a_terminal_it_runs_on():
    """`make run &` in a shell: what is typed is the shell's, and nobody is stopped for waiting for it."""
    port = harness.free_port()
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(harness.ROOT)
        os.execvpe("bash", ["bash", "--norc", "-i"], {**ENVIRONMENT, "PS1": "$ "})
    try:
        os.write(fd, f"{sys.executable} -m tools run outside --port {port} &\n".encode())
        read_until(fd, "outputs off")
        os.write(fd, b"\n")
        time.sleep(1)
        os.write(fd, b"jobs\n")
        assert "Running" in read_until(fd, "tools run outside --port"), "it was stopped"
        with harness.Wire(("127.0.0.1", port)) as wire:
            assert wire.ask("*IDN?").startswith("ISSE")
        # in front it is its own console again
        os.write(fd, b"fg\n")
        time.sleep(1)
        os.write(fd, b"fault\n")
        read_until(fd, "sensor_open")
        os.write(fd, b"\x03")
        # what is typed before the shell asks is lost
        assert "Traceback" not in read_until(fd, "$ ")
        os.write(fd, b"echo ended $?\n")
        assert "Traceback" not in read_until(fd, "ended 0")
    finally:
        os.write(fd, b"exit\n")
        os.close(fd)
        os.waitpid(pid, 0)


def test_more_than_one_ctrl_c_ends_it_without_a_traceback():
    port = harness.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools", "run", "outside", "--port", str(port)],
        cwd=harness.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert f"127.0.0.1:{port}" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert "Traceback" not in said and process.returncode == 0, said


@pytest.mark.parametrize("words", [["describe", "example_heater"], ["--help"], ["discover", "--json", "--timeout", "0.2"]])
def test_whoever_reads_may_have_enough(words):
    """`secnode describe example_heater | head -0`"""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tools", *words], cwd=harness.ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writer)
    assert re.fullmatch("(polling: .*\n)?", done.stderr) and done.returncode in (0, 1, 141), done


def test_talk_through_a_pipe_that_nobody_reads(nodes):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tools", "talk", f"127.0.0.1:{nodes('outside').port}"],
        cwd=harness.ROOT, input="ping 1\n" * 100, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60,
    )  # fmt: skip
    os.close(writer)
    assert done.stderr == "" and done.returncode == 141, done


def test_a_terminal_with_few_letters():
    done = subprocess.run(
        [sys.executable, "-m", "tools", "describe", "oven", "--pretty"], cwd=harness.ROOT, capture_output=True, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert done.returncode == 0 and b"\\xb0" in done.stdout and b"Traceback" not in done.stderr


def test_without_make_it_names_secnode(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    args = type("Args", (), {"node": "outside", "host": "127.0.0.1", "port": "10767", "speed": "1"})
    run.introduce(args, "python3")
    assert "make talk PORT=10767" in capsys.readouterr().out
    monkeypatch.setattr(paths, "CHECKOUT", False)
    run.introduce(args, "python3")
    said = capsys.readouterr().out
    assert "secnode talk 127.0.0.1:10767" in said and "make" not in said
