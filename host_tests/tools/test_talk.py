"""`secnode talk` as a person meets it: at a prompt, through a pipe, and when something is wrong with the node."""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

import pytest

from host_tests import harness

BENCH = harness.NODES / "bench.py"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r")


def talk(address, text, *options, timeout=60):
    return subprocess.run(
        [sys.executable, "-m", "tools", "talk", address, *options],
        cwd=harness.ROOT, input=text, capture_output=True, text=True, encoding="utf-8", timeout=timeout,
        env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip


def pipe(node, text, *options):
    """What the filter prints for some lines, as a list."""
    done = talk(f"127.0.0.1:{node.port}", text, *options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and "\x1b" not in done.stdout
    return done.stdout.splitlines()


# ---- through a pipe


@pytest.fixture
def heater(nodes):
    return nodes("example_heater", speed=20)


def test_pipe_lays_out_each_answer_in_order(start_node):
    # in real time: it heats for a while
    heater = start_node("example_heater")
    lines = pipe(heater, "read outside:value\nchange heater:target 60\nread heater:status\ncheck heater:target 40\nping a\n")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}  reply +outside:value +-?[\d.]+ °C", lines[0]), lines[0]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}  changed +heater:target +60 °C", lines[1])
    assert re.fullmatch(r"\S+  reply +heater:status +BUSY heating", lines[2]), lines[2]
    assert lines[3].split() == ["checked", "heater:target", "40", "°C", "would", "be", "taken"]
    assert re.fullmatch(r"\S+  pong +a", lines[4])
    assert len(lines) == 5


def described(node):
    with node.connect() as wire:
        return harness.split(wire.ask("describe"))[2]


def test_pipe_answers_the_last_line_without_its_end(heater):
    lines = pipe(heater, 'do heater:_examplecommand {"a": 1, "b": 2.5}')
    assert re.fullmatch(r"\S+  done +heater:_examplecommand +3\.5", lines[0]) and len(lines) == 1


def test_pipe_shows_errors_with_class_and_text(heater):
    lines = pipe(heater, "change heater:target 500\nread nothing:value\nbla\nchange outside:value 3\n")
    assert lines[0].split()[:3] == ["error_change", "heater:target", "RangeError:"]
    assert "120 °C" in lines[0]
    assert [re.search(r"(\w+): ", line.partition("error_")[2].partition("  ")[2])[1] for line in lines] == [
        "RangeError", "NoSuchModule", "ProtocolError", "ReadOnly",
    ]  # fmt: skip


def test_pipe_shows_what_would_be_taken(nodes):
    lines = pipe(nodes(BENCH, clients=8), "check gate:target 6\n")
    assert re.search(r"Impossible: something stands in the way; .*\b4$", lines[0])


def test_pipe_lays_out_the_description(heater):
    text = "\n".join(pipe(heater, "describe\n"))
    assert text.startswith("example_org.example_heater  ExampleSECoPFirmware v")
    node = described(heater)
    assert node["description"] in text
    target, value = (node["modules"]["heater"]["accessibles"][name]["description"] for name in ("target", "value"))
    assert re.search(r"^heater +Drivable +Example Heater$", text, re.M)
    assert re.search(rf"^  target +double 0 … 120 °C +read, change, check +{target}$", text, re.M)
    assert re.search(rf"^  value +double °C +readonly +{value}$", text, re.M)


@pytest.mark.parametrize("asked", ["help", ""])
def test_pipe_waits_for_all_lines_of_help(heater, asked):
    lines = pipe(heater, f"{asked}\nping end\n")
    assert harness.mentions(lines[0], "SEC node", "SECoP")
    assert len(lines) > 5 and "helping" not in "".join(lines)
    assert lines[-1].split()[1:] == ["pong", "end"]
    assert pipe(heater, asked + "\n") == lines[:-1]


def test_pipe_shows_updates(heater):
    lines = pipe(heater, "activate heater\n")
    begin = [line.split() for line in lines].index(["active", "heater"])
    assert any(re.fullmatch(r"\S+  update +heater:status +[A-Z]+.*", line) for line in lines[:begin])


def test_pipe_raw_gives_the_wire(heater):
    lines = pipe(heater, "*IDN?\nread heater:target_limits\nbla x\ndescribe\n", "--raw")
    assert lines[0] == "ISSE,SECoP,V2019-09-16,v1.0"
    assert lines[1].startswith("reply heater:target_limits [[0")
    assert lines[2].startswith('error_bla x ["ProtocolError", ')
    assert lines[3].startswith('describing . {"equipment_id":"example_org.example_heater"')


def test_pipe_sends_what_it_got(heater):
    """Also what is no SECoP: a person may want to see what the node says to it."""
    done = subprocess.run(
        [sys.executable, "-m", "tools", "talk", f"127.0.0.1:{heater.port}"],
        cwd=harness.ROOT, capture_output=True, timeout=60,
        input=b"read \xff\xfe\nquit\n/raw\nping x\r\n" + b"x" * 3000 + b"\nping y\n",
    )  # fmt: skip
    lines = done.stdout.decode().splitlines()
    assert [("ProtocolError" in line, "pong" in line) for line in lines] == [
        (True, False), (True, False), (True, False), (False, True), (True, False), (False, True),
    ]  # fmt: skip
    assert done.returncode == 0


def test_pipe_prints_while_the_other_side_is_open(heater):
    process = subprocess.Popen(
        [sys.executable, "-m", "tools", "talk", f"127.0.0.1:{heater.port}"],
        cwd=harness.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    for i in range(3):
        process.stdin.write(f"ping {i}\n")
        process.stdin.flush()
        assert process.stdout.readline().split()[1:] == ["pong", str(i)]
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_a_pipe_without_a_traceback(heater, times):
    """Also a second one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools", "talk", f"127.0.0.1:{heater.port}"],
        cwd=harness.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    process.stdin.write("ping 0\n")
    process.stdin.flush()
    process.stdout.readline()
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said, said


# ---- when something is wrong


def refused(address, text="ping x\n"):
    done = talk(address, text)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_nothing_listens():
    port = harness.free_port()
    assert f"nothing listens at 127.0.0.1:{port}" in refused(f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere.invalid", "there is no host 'nowhere.invalid'"),
        ("127.0.0.1:http", "is no address"),
        ("a:70000", "is no address"),
    ],
)
def test_a_wrong_address_is_said(address, said):
    assert said in refused(address)


class Fake:
    """Says something to whoever connects; `script` gets the connection."""

    def __init__(self, script):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._script = script
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._thread.join(10)

    def _serve(self):
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rwb", buffering=0) as wire:
            self._script(wire)


def say(text):
    def script(wire):
        wire.readline()
        wire.write(text)

    return script


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is no SEC node: it says 'HTTP/1.1 400 Bad Request'"),
        (b"", "is no SEC node: it closes the connection"),
        (
            b'error_*IDN?  ["Impossible", "this node serves 2 clients at a time", {}]\n',
            "refuses: Impossible: this node serves 2",
        ),
    ],
)
def test_no_sec_node(said, shown):
    with Fake(say(said)) as fake:
        assert shown in refused(fake.address)


def test_one_that_says_nothing_is_waited_for():
    """A board may be starting: nobody is told in haste that it is no SEC node, but that one waits."""
    with Fake(lambda wire: wire.read()) as fake:
        done = talk(fake.address, "ping x\n")
    assert done.returncode == 2 and done.stdout == ""
    waits, ends = done.stderr.splitlines()
    assert f"waiting for {fake.address}" in waits and "no SEC node" not in done.stderr
    assert f"{fake.address} does not answer *IDN? within 30 s" in ends


def test_a_board_that_needs_twelve_seconds_is_talked_to():
    def script(wire):
        wire.readline()
        time.sleep(12)
        for answer in (_IDN, b'describing . {"modules": {}}\n', b"pong x [null, {}]\n"):
            wire.write(answer)
            wire.readline()

    with Fake(script) as fake:
        done = talk(fake.address, "ping x\n")
    assert done.stdout.split() == ["pong", "x"] and done.returncode == 0, done.stderr


_IDN = b"ISSE,SECoP,V2019-09-16,v1.0\n"


def test_rubbish_before_the_first_answer_is_skipped():
    def script(wire):
        wire.write(b"8:value [1\n\xff\x00\xfe\n\nupdate t:value [3, {}]\r\n")
        wire.readline()
        wire.write(_IDN)
        wire.readline()
        wire.write(b'describing . {"modules": {}}\r\n')
        wire.readline()
        wire.write(b"pong x [null, {}]\r\n")
        wire.read()

    with Fake(script) as fake:
        done = talk(fake.address, "ping x\n")
    assert done.stdout.split() == ["pong", "x"] and done.returncode == 0


def test_a_description_of_some_megabytes():
    def script(wire):
        wire.readline()
        wire.write(_IDN)
        for _ in range(2):
            wire.readline()
            wire.write(b'describing . {"equipment_id": "large", "_x": "' + b"x" * (5 << 20) + b'", "modules": {}}\n')

    with Fake(script) as fake:
        done = talk(fake.address, "describe\n")
    assert done.stdout.startswith("large") and done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "description",
    [b"describing . {broken", b"describing . []", b'error_describe . ["InternalError", "gone", {}]', b"describing"],
)
def test_one_can_talk_without_a_description(description):
    def script(wire):
        wire.readline()
        wire.write(_IDN)
        wire.readline()
        wire.write(description + b"\n")
        wire.readline()
        wire.write(b'reply t:value [3.5, {"t": 0}]\n')
        wire.read()

    with Fake(script) as fake:
        done = talk(fake.address, "read t:value\n")
    assert done.stdout.split()[2:] == ["reply", "t:value", "3.5"] and done.returncode == 0


def test_a_lost_connection_is_said():
    def script(wire):
        wire.readline()
        wire.write(_IDN)
        wire.readline()
        wire.write(b'describing . {"modules": {}}\n')
        wire.readline()

    with Fake(script) as fake:
        assert f"{fake.address} closed the connection" in refused(fake.address)


# ---- at a prompt


class Terminal:
    """A session at a pseudo terminal."""

    def __init__(self, address, cache, *options):
        self._shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(harness.ROOT)
            os.environ.update(XDG_CACHE_HOME=str(cache), TERM="xterm-256color", COLUMNS="120", LINES="40")
            os.environ["PROMPT_TOOLKIT_NO_CPR"] = "1"  # nobody here answers where the cursor is
            os.execv(sys.executable, [sys.executable, "-m", "tools", "talk", address, *options])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def write(self, text):
        os.write(self.fd, text.encode())

    def _more(self, deadline):
        if not select.select([self.fd], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise AssertionError(f"nothing more came after {self._shown!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # a pseudo terminal's way to say that the other side has ended
            data = b""
        self._shown += data.decode(errors="replace")
        return bool(data)

    def until(self, pattern, seconds=30, escapes=False):
        """What it shows from here up to a pattern, without the escape sequences."""
        deadline = time.monotonic() + seconds
        while True:
            shown = self._shown if escapes else _ESCAPES.sub("", self._shown)
            if found := re.search(pattern, shown):
                self._shown = shown[found.end() :]
                return shown[: found.end()]
            assert self._more(deadline), f"it ended after {shown!r}"

    def end(self, seconds=20):
        """The rest of what it shows, and the exit code."""
        deadline = time.monotonic() + seconds
        while self._more(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return _ESCAPES.sub("", self._shown), os.waitstatus_to_exitcode(status)

    def close(self):
        """End it, whatever happened."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def sit_down(tmp_path):
    """Begins a session with a node: sit_down(node) gives the Terminal, with what it was greeted with."""
    terminals = []

    def begin(node, *options):
        terminals.append(Terminal(f"127.0.0.1:{node.port}", tmp_path, *options))
        terminals[-1].greeting = terminals[-1].until(r"quit ends\.\s+> $")
        return terminals[-1]

    yield begin
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def terminal(heater, sit_down):
    return sit_down(heater)


def test_greets_with_what_the_node_is(terminal, heater):
    assert f"example_org.example_heater at 127.0.0.1:{heater.port}, ExampleSECoPFirmware v" in terminal.greeting
    node = described(heater)
    assert node["description"] in terminal.greeting
    assert re.search(rf"outside +Readable +°C +{node['modules']['outside']['description']}", terminal.greeting)
    assert re.search(r"heater +Drivable +°C +Example Heater", terminal.greeting)
    terminal.write("\x04")
    assert terminal.end()[1] == 0


def test_tab_completes_what_the_description_names(terminal, heater, tmp_path):
    terminal.write("read hea\t")
    menu = terminal.until("heater:_maxheaterpower")
    value = described(heater)["modules"]["heater"]["accessibles"]["value"]
    assert "heater:status" in menu and value["description"] in menu
    assert "heater:stop" not in menu  # a command can't be read
    terminal.write("va\t")
    terminal.until("value")  # only what is new is drawn
    terminal.write("\r")
    terminal.until(r"reply +heater:value +-?[\d.]+ °C")
    terminal.write("quit\r")
    assert terminal.end()[1] == 0
    assert "+read heater:value" in (tmp_path / "secnode" / "talk_history").read_text()


def test_updates_are_shown_above_the_line_being_typed(terminal):
    terminal.write("activate heater\r")
    terminal.until("active +heater")
    terminal.write("change heater:targ")
    # after an update the line is drawn again, with all that was typed
    terminal.until(r"update +heater:value +[\d.]+ °C\s+> change heater:targ")
    terminal.write("et 200\r")
    terminal.until("error_change +heater:target +RangeError: ")
    terminal.write("\x04")
    assert terminal.end()[1] == 0


def test_ctrl_c_clears_the_line(terminal):
    terminal.write("change heater:target 20")
    terminal.until("change heater:target 20")
    terminal.write("\x03")
    terminal.write("ping still_here\r")
    assert "error_" not in terminal.until("pong +still_here")
    terminal.write("quit\r")
    rest, code = terminal.end()
    assert code == 0 and "error_" not in rest


def test_raw_shows_the_wire_and_back(terminal):
    terminal.write("/raw\r")
    terminal.until("lines as on the wire")
    terminal.write("read heater:target_limits\r")
    terminal.until(r"reply heater:target_limits \[\[0")
    terminal.write("/raw\r")
    terminal.until("laid out")
    terminal.write("read heater:target_limits\r")
    terminal.until(r"120 °C\)")
    terminal.write("quit\r")
    assert terminal.end()[1] == 0


def test_raw_from_the_start(heater, sit_down):
    terminal = sit_down(heater, "--raw")
    terminal.write("read heater:target_limits\r")
    terminal.until(r"reply heater:target_limits \[\[0")


def test_errors_are_red_and_updates_dim(terminal):
    terminal.write("bla\r")
    terminal.until(r"\x1b\[1;31mProtocolError", escapes=True)
    terminal.write("activate outside\r")
    terminal.until(r"\x1b\[2[;m][^\n]*update", escapes=True)


def test_a_node_that_ends_ends_the_prompt(start_node, sit_down):
    node = start_node("outside")
    terminal = sit_down(node)
    terminal.write("read outs")
    terminal.until("read outs")
    node.stop()
    rest, code = terminal.end()
    assert code == 2
    assert re.search(rf"secnode talk: .*127\.0\.0\.1:{node.port}", rest) and "Traceback" not in rest


def test_the_history_may_be_impossible_to_keep(heater, sit_down, tmp_path):
    (tmp_path / "secnode").write_text("a file where a folder should be")
    terminal = sit_down(heater)
    terminal.write("ping x\r")
    terminal.until("pong +x")
    terminal.write("\x04")
    assert terminal.end()[1] == 0


def test_importing_talk_needs_the_standard_library_alone():
    code = "import sys, tools.verbs.talk; sys.exit(bool({'rich', 'prompt_toolkit'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-S", "-c", code], cwd=harness.ROOT).returncode == 0


def test_without_its_packages_it_says_what_to_do():
    done = subprocess.run([sys.executable, "-S", "-m", "tools", "talk"], cwd=harness.ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "make talk" in done.stderr and len(done.stderr.splitlines()) == 1
