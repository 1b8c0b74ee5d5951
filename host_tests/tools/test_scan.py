"""`secnode check` and `secnode scan`: what a person sees, and that nothing moves which was not checked."""

import csv
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from host_tests import harness
from host_tests.tools.fake import FakeNode, structure

_FRAPPY = """
Node('test.secnode.frappy', 'a node of frappy', 'tcp://{port}')
Mod('ts', 'frappy_demo.modules.SampleTemp', 'a sample temperature', sensor='Q1329V7R3', ramp=100, target=10, value=10)
"""


def tool(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "tools", *map(str, words)], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(harness.ROOT)}, cwd=cwd or harness.ROOT,
    )  # fmt: skip


@pytest.fixture
def magnet(nodes):
    """The address of a vector magnet at its default configuration."""
    node = nodes("vector_magnet", speed=20)
    with node.connect() as wire:
        wire.ask("change mf:_maxfield 2.6832815729997477")
        wire.ask("change mf:ramp 60")
    return f"127.0.0.1:{node.port}"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["mf:target", "[1,1,2]"], 0, r"^yes: mf:target .* \[1.0, 1.0, 2.0\]"),
        (
            ["mf:target", "[1,2,2.5]"],
            1,
            r"^no, .*: .*sphere(.|\n)*closest .*: \[0.8, 1.6, 2.0\]",
        ),
        (["mf:target", "[1,2,25]"], 1, r"^no, never, .*range: .*-10 and 10 T"),
        (["mf:target", "north"], 1, r"^no, never, .*type"),
        (["mf", "[0,0,0]"], 0, r"^yes: mf "),
        (["mf:target", "[1,"], 2, r"is not JSON"),
        (["cryo:target", "2.7"], 2, r"can't be checked"),
        (["nothing:target", "2.7"], 2, r"NoSuchModule"),
    ],
)
def test_check_in_words(magnet, words, code, said):
    done = tool("check", *words, "--address", magnet)
    assert re.search(said, done.stdout + done.stderr), done
    assert done.returncode == code and "Traceback" not in done.stderr


def test_check_on_a_node_without(nodes):
    done = tool("check", "outside:value", "3", "--address", f"127.0.0.1:{nodes('outside').port}")
    assert done.returncode == 2 and "has no check" in done.stderr


def test_check_without_a_node():
    done = tool("check", "mf:target", "3", "--address", f"127.0.0.1:{harness.free_port()}")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "nothing listens" in done.stderr


def scan(folder, points, module, address, *words):
    (folder / "points.csv").write_text(points)
    return tool("scan", "points.csv", "--module", module, "--address", address, *words, cwd=folder)


def rows(folder):
    with open(folder / "points-scan.csv", newline="") as f:
        return list(csv.DictReader(f))


def test_scan(magnet, tmp_path):
    done = scan(tmp_path, "x,y,z\n0, 0, 0.1\n\n# back\n0, 0, -0.1\n", "mf", magnet, "--also", "cryo:value")
    assert done.returncode == 0, done
    assert done.stdout.count("2 points ") == 2  # would be taken, and were driven
    table = rows(tmp_path)
    assert [row["target_2"] for row in table] == ["0.1", "-0.1"]
    assert abs(float(table[0]["value_2"]) - 0.1) < 0.01 and abs(float(table[1]["value_2"]) + 0.1) < 0.01
    assert all(row["status"] == "100" and 1 < float(row["cryo:value"]) < 10 for row in table)


def test_all_points_are_checked_before_the_first_one_moves(nodes, magnet, tmp_path):
    with nodes("vector_magnet", speed=20).connect() as wire:
        before = wire.ask("read mf:target")
        done = scan(tmp_path, "0,0,0.3\n1,2,2.5\n0,0,0.2\n0,0,11\n", "mf", magnet)
        assert done.returncode == 1
        assert re.search(r"^line 2: \[1, 2, 2\.5\] .*\(Impossible\).*\[0\.8, 1\.6, 2\.0\]", done.stdout, re.MULTILINE)
        assert re.search(r"^line 4: \[0, 0, 11\] .*\(RangeError\)", done.stdout, re.MULTILINE)
        assert "2 of 4 points" in done.stdout
        assert not (tmp_path / "points-scan.csv").exists()
        assert wire.ask("read mf:target") == before
    done = scan(tmp_path, "0,0,0.3\n1,2,2.5\n0,0,0.2\n", "mf", magnet, "--skip")
    assert done.returncode == 0 and [row["target_2"] for row in rows(tmp_path)] == ["0.3", "0.2"]
    # what was measured is not written over
    done = scan(tmp_path, "0,0,0.3\n", "mf", magnet)
    assert done.returncode == 2 and "is there already" in done.stderr


def test_without_check_it_goes_on_and_says_so(magnet, tmp_path):
    done = scan(tmp_path, "4.3\n", "cryo", magnet)
    assert done.returncode == 0 and "can't be checked" in done.stderr
    assert abs(float(rows(tmp_path)[0]["value"]) - 4.3) < 0.1


@pytest.mark.parametrize(
    ("points", "module", "said"),
    [
        ("", "mf", "has no points"),
        ("1,2,up\n", "mf", "line 1: 'up' is no value for a double"),
        ("1\n2,3\n", "cryo", "line 2: 2 columns"),
        ("1\n", "nothing", "has no module nothing with a target"),
    ],
)
def test_a_wrong_wish_is_one_line(magnet, tmp_path, points, module, said):
    done = scan(tmp_path, points, module, magnet)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1


def test_ctrl_c_stops_the_module(nodes, magnet, tmp_path):
    (tmp_path / "points.csv").write_text("4.5\n200\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools", "scan", "points.csv", "--module", "cryo", "--address", magnet],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(harness.ROOT)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with nodes("vector_magnet", speed=20).connect() as wire:
        deadline = time.monotonic() + 30
        while harness.split(wire.ask("read cryo:target"))[2][0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1]
        assert process.returncode == 130 and "cryo was stopped" in said
        assert harness.split(wire.ask("read cryo:status"))[2][0] == [100, "stopped"]
        assert harness.split(wire.ask("read cryo:target"))[2][0] < 200
        wire.ask("change cryo:target 4.2")
        wire.send("activate cryo")
        wire.until("update cryo:status [[100")
        wire.ask("do mf:clear_errors")
    assert len(rows(tmp_path)) == 1


# ---- the first line


def points_of(text, folder, info=None):
    """What is read of a file of points: (the values, what is said)."""
    (folder / "points.csv").write_text(text)
    with FakeNode(description=structure(info=info)) as node:
        done = tool("scan", "points.csv", "--module", "t", "--address", node.address, "--check-only", cwd=folder)
        assert "Traceback" not in done.stderr
        return [line.split(" ", 2)[2] for line in node.heard if line.startswith("check")], done


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (".5\n1\n", ["0.5", "1"]),
        ("+5\n1\n", ["5", "1"]),
        ("-.5e-1\n", ["-0.05"]),
        ("5.\n", ["5.0"]),
        ("T\n1\n", ["1"]),
        ("Sample Temperature (K)\n1\n", ["1"]),
        ("T/K\n1\n", ["1"]),
        ("\n# a note\nT_2 [K]\n1\n", ["1"]),
    ],
)
def test_a_first_line_is_a_point_or_a_name(text, values, tmp_path):
    found, done = points_of(text, tmp_path)
    assert found == values and done.returncode == 0
    assert ("heading" in done.stdout) == any(c in text for c in "TK")


@pytest.mark.parametrize("text", ["2O", "1,5", "1;5", "--5", "1e", "NaN", "inf", "1e999", "5 K", "0x10", "'5'", "?", "²", "٣"])
def test_a_first_line_that_is_neither_is_named(text, tmp_path):
    found, done = points_of(text + "\n1\n", tmp_path)
    assert not found and done.returncode == 2 and "line 1" in done.stderr, done


def test_the_names_of_a_struct_are_its_heading(tmp_path):
    info = {"type": "struct", "members": {"a": {"type": "double"}, "b": {"type": "int"}}}
    assert points_of("b,a\n1,.5\n", tmp_path, info)[0] == ['{"b": 1, "a": 0.5}']


# ---- its end


class Driving:
    """A scan of a fake module that is BUSY until it is stopped."""

    def __init__(self, folder, **more):
        self.stopped = False
        answers = {"read t:status": self._status, "do": self._stop} | more.pop("answers", {})
        self.node = FakeNode(answers, also=more.pop("also", None))
        (folder / "points.csv").write_text("1\n2\n")
        self._folder, self._more = folder, more

    def _status(self, line):
        return 'reply t:status [[300, "driving"], {}]' if not self.stopped else 'reply t:status [[100, ""], {}]'

    def _stop(self, line):
        self.stopped = True
        return "done t:stop [null, {}]"

    def __enter__(self):
        self.node.__enter__()
        words = ["scan", "points.csv", "--module", "t", "--address", self.node.address, *self._more.pop("words", [])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools", *words], cwd=self._folder, env={**os.environ, "PYTHONPATH": str(harness.ROOT)},
            stderr=subprocess.PIPE, text=True, **self._more,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.node.__exit__()

    def until(self, line):
        deadline = time.monotonic() + 30
        while line not in self.node.heard:
            assert time.monotonic() < deadline and self.process.poll() is None
            time.sleep(0.02)

    def end(self):
        said = self.process.communicate(timeout=60)[1]
        assert "Traceback" not in said, said
        return said, self.process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_stop_the_module(number, tmp_path):
    with Driving(tmp_path) as scan:
        scan.until("read t:status")
        scan.process.send_signal(number)
        said, code = scan.end()
        assert scan.stopped and "t was stopped" in said and code == 130


def test_a_second_ctrl_c_does_not_keep_it_from_being_stopped(tmp_path):
    """Also one that comes while the node takes its time to stop."""
    slow = {"do": ""}

    def also(line, say):
        if line == "do t:stop":
            scan.stopped = True
            time.sleep(3)
            say("done t:stop [null, {}]")

    with Driving(tmp_path, answers=slow, also=also) as scan:
        scan.until("read t:status")
        scan.process.send_signal(signal.SIGINT)
        scan.until("do t:stop")
        scan.process.send_signal(signal.SIGINT)
        said, code = scan.end()
        assert "ending" in said and "stopped" in said and code == 130


def test_a_lost_connection_is_made_anew_to_stop_it(tmp_path):
    once = []

    def status(line):
        once.append(line)
        return 'reply t:status [[300, "driving"], {}]' if len(once) < 2 else None

    def also(line, say):
        if line == "read t:status":
            time.sleep(0.2)
            raise OSError  # the fake's way to lose a connection

    with Driving(tmp_path, answers={"read t:status": status}, also=also) as scan:
        said, code = scan.end()
        assert scan.stopped and scan.node.heard.count("*IDN?") == 2
        assert "t was stopped" in said and "closed the connection" in said and code == 2


def test_what_could_not_be_stopped_is_said(tmp_path):
    refuse = {"do": 'error_do t:stop ["CommunicationFailed", "no answer", {}]'}
    with Driving(tmp_path, answers=refuse) as scan:
        scan.until("read t:status")
        scan.process.send_signal(signal.SIGINT)
        said, code = scan.end()
        assert harness.mentions(said, "t COULD NOT") and "no answer" in said and code == 130


def test_a_time_out_and_an_error_state_stop_it(tmp_path):
    with Driving(tmp_path, words=["--timeout", "0.5"]) as scan:
        said, code = scan.end()
        assert scan.stopped and harness.mentions(said, "line 1", "0.5 s") and code == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_stops_it(tmp_path):
    (tmp_path / "points.csv").write_text("1\n2\n")
    (tmp_path / "full.csv").symlink_to("/dev/full")
    with FakeNode() as node:
        code = (
            "import sys, pathlib, tools.verbs.scan, tools.__main__ as m\n"
            "pathlib.Path.exists = lambda self: False\n"
            "sys.exit(m.command())"
        )
        words = ["scan", "points.csv", "--module", "t", "--address", node.address, "--output", "full.csv"]
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(harness.ROOT)}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert "do t:stop" in node.heard and done.returncode == 2, done
    assert (
        "Traceback" not in done.stderr
        and harness.mentions(done.stderr, "full.csv", "No space left")
        and "stopped" in done.stderr
    )


def test_nobody_who_listens_any_more_stops_it(tmp_path):
    """`secnode scan ... 2>&1 | head -1`"""
    with Driving(tmp_path) as scan:
        scan.until("read t:status")
        scan.process.stderr.close()
        scan.process.send_signal(signal.SIGINT)
        scan.process.wait(60)
        assert scan.stopped
        scan.process.stderr = None


def test_rows_with_more_columns_than_the_first(tmp_path):
    sizes = iter([1, 3, 2])
    value = lambda line: f"reply t:value [{[7] * next(sizes)}, {{}}]"  # noqa: E731
    with FakeNode({"read t:value": value}) as node:
        assert scan(tmp_path, "1\n2\n3\n", "t", node.address).returncode == 0
    table = rows(tmp_path)
    assert [[row[f"value_{i}"] for i in range(3)] for row in table] == [["7", "", ""], ["7", "7", "7"], ["7", "7", ""]]


def test_a_node_of_frappy(tmp_path):
    """A node that has no check, and is late to say BUSY."""
    port = harness.free_port()
    (tmp_path / "demo_cfg.py").write_text(_FRAPPY.format(port=port))
    env = {**os.environ, **{f"FRAPPY_{key}DIR": str(tmp_path) for key in ("CONF", "LOG", "PID")}}
    server = subprocess.Popen(
        [os.path.join(os.path.dirname(sys.executable), "frappy-server"), "demo"],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while "nothing listens" in tool("check", "ts:target", "11", "--address", f"127.0.0.1:{port}").stderr:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        done = scan(tmp_path, "11.5\n", "ts", f"127.0.0.1:{port}")
        assert done.returncode == 0 and "has no check" in done.stderr, done
        assert float(rows(tmp_path)[0]["value"]) == 11.5
    finally:
        server.terminate()
        server.wait(10)
