"""`secnode configure`: the file of the user's own, settings.json on the board, and secrets that nobody sees."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from host_tests import harness
from host_tests.deploy.test_flash import on_board
from tools.board import device, kept
from tools.emulator import host
from tools.verbs import configure

SECRET = "secnode-host"  # of the simulated access point, whose name is HOST
KEPT = b'{"heater": {"_p": 9.0}, "wifi": {"ssid": "old", "password": "oldsecret"}, "mine": {"x": [1, {"y": null}]}}\n'


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SECNODE_WIFI_PASSWORD", raising=False)


@pytest.fixture
def with_node(board):
    """The board with a node that keeps its settings on it, and a radio."""
    board.load(on_board("outside") | {"settings.json": KEPT})
    board._env["SECNODE_WIFI"] = "1"
    return board


def settings(board):
    """settings.json on a board that is unplugged."""
    return json.loads(board.read("settings.json"))


def refused(secnode, *words):
    code, said = secnode("configure", *words)
    assert code == 2 and said.count("secnode configure: ") == 1 and "Traceback" not in said, said
    return said.split("secnode configure: ")[1].strip()


# ---- --set


def test_settings_are_merged(with_node, secnode, monkeypatch):
    """The node runs and has SECoP on its console; it is ended, and starts with the network."""
    monkeypatch.setenv("SECNODE_WIFI_PASSWORD", SECRET)
    with_node.plug()
    words = ["--set", "wifi.ssid=HOST", "--set", "wifi.password", "--set", "wifi.country=de", "--set", "node.clients=2"]
    code, said = secnode("configure", "--port", with_node.port, *words, "--set", "access.tcp=read")
    assert code == 0, said
    assert "ISSE,SECoP" in said and "Wi-Fi is up: 192.0.2." in said
    assert SECRET not in said
    with_node.unplug()
    found = settings(with_node)
    assert found == {
        "heater": {"_p": 9.0},
        "wifi": {"ssid": "HOST", "password": SECRET, "country": "DE"},
        "mine": {"x": [1, {"y": None}]},
        "node": {"clients": 2},
        "access": {"tcp": "read"},
    }
    assert not os.path.exists("node.toml")  # nothing of it is the file's
    assert "settings.new" not in with_node.listing()


def test_unset(with_node, secnode):
    with_node.plug()
    words = ["--unset", "wifi.ssid", "--unset", "wifi.password", "--unset", "wifi.country"]
    code, said = secnode("configure", "--port", with_node.port, *words)
    assert code == 0 and "Wi-Fi" not in said, said
    with_node.unplug()
    assert settings(with_node) == {"heater": {"_p": 9.0}, "mine": {"x": [1, {"y": None}]}}


def test_a_board_without_a_node(board, secnode):
    board.plug()
    code, said = secnode(
        "configure", "--port", board.port, "--set", "wifi.ssid=Büro 2", "--set", 'access.tcp={"10.0.0.0/8": "read"}'
    )
    assert code == 0 and harness.mentions(said, "`secnode flash`"), said
    board.unplug()
    assert settings(board) == {"wifi": {"ssid": "Büro 2"}, "access": {"tcp": {"10.0.0.0/8": "read"}}}


def test_file_and_board_at_once(board, secnode):
    board.plug()
    words = ["--set", "heater.r25=5000", "--set", "node=oven", "--set", "ntp.server=", "mine.toml"]
    code, said = secnode("configure", "--port", board.port, *words)
    assert code == 0, said
    board.unplug()
    assert settings(board) == {"ntp": {"server": ""}}
    with open("mine.toml") as f:
        text = f.read()
    assert 'node = "oven"' in text and "r25 = 5000" in text and "ntp" not in text


def test_what_is_not_there_is_not_changed(secnode):
    """Where the board can't be reached the file stays as it was, too."""
    said = refused(secnode, "--port", "/dev/ttyACM77", "--set", "wifi.ssid=x", "--set", "heater.r25=5000")
    assert harness.mentions(said, "/dev/ttyACM77") and not os.path.exists("node.toml")


def test_flash_takes_the_file(board, secnode):
    assert secnode("configure", "--set", "node=outside", "--set", "outside.name=room", "mine.toml")[0] == 0
    board.plug()
    code, said = secnode("flash", "--board", "HOST", "--node", "mine.toml", "--port", board.port)
    assert code == 0, said
    with harness.Wire(("127.0.0.1", board.tcp)) as wire:
        assert wire.ask("read room:value").startswith("reply room:value [")


# ---- secrets


@pytest.mark.parametrize("key", ["wifi.password=hunter2hunter2", "wifi.password="])
def test_a_secret_on_the_command_line_is_refused(secnode, key):
    said = refused(secnode, "--set", key)
    assert "hunter2" not in said and "shell's history" in said


def test_a_secret_from_stdin(board):
    board.plug()
    command = [sys.executable, "-m", "tools", "configure", "--port", board.port, "--set", "wifi.password"]
    env = os.environ | {"PYTHONPATH": str(harness.ROOT)}
    done = subprocess.run(command, input=SECRET + "\n", capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 0 and SECRET not in done.stdout + done.stderr, done.stdout + done.stderr
    board.unplug()
    assert settings(board) == {"wifi": {"password": SECRET}}


def test_a_secret_that_does_not_fit_is_not_told(secnode, monkeypatch):
    monkeypatch.setenv("SECNODE_WIFI_PASSWORD", "hunter2")
    said = refused(secnode, "--set", "wifi.password")
    assert harness.mentions(said, "wifi.password", "8 to 64") and "hunter2" not in said


class Terminal:
    """A person at `secnode configure`, by a pseudo terminal: `said` is all that there is to be seen."""

    def __init__(self, *words):
        self.end, end = pty.openpty()
        env = os.environ | {"PYTHONPATH": str(harness.ROOT)}
        command = [sys.executable, "-m", "tools", "configure", *words]
        self.process = subprocess.Popen(
            command, stdin=end, stdout=end, stderr=end, env=env, start_new_session=True, preexec_fn=host.die_with_parent
        )
        os.close(end)
        self.said = ""
        self._at = 0  # up to where it was read

    def wait(self, words, seconds=60):
        """Until it is seen, after what was waited for before."""
        deadline = time.monotonic() + seconds
        while words not in self.said[self._at :]:
            assert time.monotonic() < deadline, f"no {words!r} in {self.said[self._at :]!r}"
            if select.select([self.end], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # it has ended
                    self.said += os.read(self.end, 4096).decode()
        self._at = self.said.index(words, self._at) + len(words)

    def answer(self, question, text):
        self.wait(question)
        self.wait(": ")
        os.write(self.end, text.encode() + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.end)


def test_a_person_is_asked(with_node):
    with_node.plug()
    with Terminal("--port", with_node.port, "mine.toml") as person:
        for question, text in [
            ("node to begin with", "nix"), ("there is no node 'nix'", ""), ("your .py file [example_heater]", "outside"),
            ("equipment_id", ""), ("institute [introduction_node]", "my lab"), ("letters, digits", ""),
        ]:  # fmt: skip
            person.wait(question)
            if text:
                person.wait(": ")
                os.write(person.end, text.encode() + b"\n")
        person.answer("institute [introduction_node]", "mylab_room")
        person.answer("description, for a person [a basic example]", "")
        questions = {"name of the module [outside]": "room", "description, for a person": "20 °C in here"}
        questions |= {"resistance at 25": "5e3", "B constant": "3435"}
        while "Set Wi-Fi on the board now" not in person.said:
            begin = len(person.said)
            person.wait("]: ")
            found = [key for key in questions if key in person.said[begin:]]
            if "Set Wi-Fi" not in person.said:
                os.write(person.end, questions.pop(found[0]).encode() + b"\n" if found else b"\n")
        assert not questions
        os.write(person.end, b"y\n")
        person.answer("name of the network (- for none) [old]", "HOST")
        person.answer("password, not shown, 8 to 64 bytes [kept] (- for an open network)", "short")
        person.wait("of 8 to 64 bytes")
        person.answer("password, not shown, 8 to 64 bytes [kept] (- for an open network)", SECRET)
        person.answer("two letters (- for none) [-]", "")
        person.answer("time server (- for none) [pool.ntp.org]", "")
        person.wait("Wi-Fi is up: 192.0.2.")
        assert person.process.wait(60) == 0
        assert SECRET not in person.said and "oldsecret" not in person.said and "short" not in person.said
    with_node.unplug()
    found = settings(with_node)
    assert found["wifi"] == {"ssid": "HOST", "password": SECRET} and found["heater"] == {"_p": 9.0} and "ntp" not in found
    with open("mine.toml") as f:
        text = f.read()
    assert SECRET not in text
    for line in ('node = "outside"', 'equipment_id = "mylab_room"', 'name = "room"', "r25 = 5000", "beta = 3435"):
        assert line in text
    assert "20 °C in here" in text and "a basic example" not in text  # what is as in the base is not said


def test_ctrl_c_changes_nothing():
    with Terminal("mine.toml") as person:
        person.answer("node to begin with", "outside")
        person.wait("equipment_id")
        deadline = time.monotonic() + 60
        while person.process.poll() is None and time.monotonic() < deadline:
            person.process.send_signal(signal.SIGINT)  # the first may come before it reads
            time.sleep(0.5)
        assert person.process.returncode == 130
    assert not os.path.exists("mine.toml")


# ---- an interview without a terminal: what is offered


@pytest.fixture
def answers(monkeypatch):
    """answers({beginning of a question: text}) answers, with Enter otherwise; gives the questions as they were asked."""

    def give(texts):
        texts, asked = dict(texts), []

        def answer(question):
            asked.append(question)
            assert len(asked) < 100, asked
            found = [key for key in texts if question.startswith(key)]
            return texts.pop(found[0]) if found else ""

        monkeypatch.setattr("builtins.input", answer)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(device, "ports", list)
        return asked

    return give


def test_what_is_in_brackets_fits_to_the_answers_before(answers, secnode):
    answered = {"heater: the guard switches off above": "90", "heater: heater: resistance": "24"}
    asked = answers(answered)
    code, said = secnode("configure")
    assert code == 0, said
    assert any(q.startswith("heater: highest target") and q.endswith("[80]: ") for q in asked), asked
    assert any(q.startswith("heater: heater power") and q.endswith("[24]: ") for q in asked), asked
    assert secnode("describe", "node.toml")[0] == 0
    asked = answers({})
    assert secnode("configure")[0] == 0
    assert any(q.endswith("above, -270 to 2000 °C [90]: ") for q in asked)


def test_an_answer_that_contradicts_is_asked_again(answers, secnode):
    asked = answers({"heater: highest target": "200"})
    code, said = secnode("configure")
    assert code == 0 and harness.mentions(said, "heater.target_max", "200", "heater.maximum", "130"), said
    assert len([q for q in asked if q.startswith("heater: highest target")]) == 2


def test_another_base_leaves_out_what_it_does_not_have(answers, secnode):
    assert secnode("configure", "--set", "node=oven", "--set", "sensor.name=thermistor", "--set", "equipment_id=mine")[0] == 0
    answers({"node to begin with": "outside"})
    code, said = secnode("configure")
    assert code == 0 and harness.mentions(said, "outside", "sensor.name"), said
    with open("node.toml") as f:
        text = f.read()
    assert 'equipment_id = "mine"' in text and "thermistor" not in text


# ---- what can be wrong


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--set", "wifi.ssid="], ("wifi.ssid", "1 to 32", "''")),
        (["--set", "wifi.ssid=" + "ü" * 17], ("wifi.ssid", "1 to 32")),
        (["--set", "wifi.country=Germany"], ("wifi.country", "two letters")),
        (["--set", "ethernet.address=192.168.1.7"], ("ethernet.address", "bits")),
        (["--set", "ethernet.address=192.168.1.7/31"], ("ethernet.address", "bits")),
        (["--set", "ethernet.address=192.168.1.7/255.255.255.0"], ("ethernet.address", "bits")),
        (["--set", "ethernet.gateway=router"], ("ethernet.gateway", "numeric")),
        (["--set", "node.clients=9"], ("node.clients", "1 to 8", "'9'")),
        (["--set", "uart.baudrate=fast"], ("uart.baudrate", "from 9600")),
        (["--set", "access.tcp=raed"], ("access.tcp", "write, read or none")),
        (["--set", 'access.tcp={"10.0.0.1/8": "read"}'], ("access.tcp",)),
        (["--set", 'access.uart={"10.0.0.0/8": "read"}'], ("access.uart", "write, read or none")),
        (["--set", "wifi.speed=1"], ("'wifi.speed'",)),
        (["--set", "heater._p=3"], ("`change heater:_p ...`",)),
        (["--set", "wifi.ssid"], ("--set", "KEY=VALUE", "'wifi.ssid'")),
        (["--set", "heater.r25=-1"], ("heater.r25", "10 to 10000000 Ω", "'-1'")),
        (["--set", "heater.maximum=100"], ("heater.target_max", "heater.maximum", "100")),
        (["--set", "heater.maximum=151", "--set", "heater.target_max=150"], ("maximum", "151", "-55 to 150 degC")),
        (["--set", "node=nix"], ("'nix'", "outside", "oven")),
        (["--unset", "nix"], ("'nix'",)),
        (["mine.py"], (".toml",)),
        ([], ("--set",)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(secnode, monkeypatch, words, named):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert harness.mentions(refused(secnode, *words), *named)
    assert os.listdir() == []


def test_no_board(secnode, monkeypatch):
    monkeypatch.setattr(device, "ports", list)
    monkeypatch.setattr(device, "bootsel_drive", lambda: "")
    assert harness.mentions(refused(secnode, "--set", "wifi.ssid=x"), "USB cable")


def test_a_busy_port(board, secnode):
    board.plug()
    with open(board.port, "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        assert harness.mentions(refused(secnode, "--port", board.port, "--set", "wifi.ssid=x"), board.port, "mpremote")


@pytest.mark.parametrize("content", [b'{"wifi": ', b"[]", b'{"wifi": 1}', b"{}" + b" " * 5000, b"\xff"])
def test_settings_that_can_not_be_read_are_left_alone(board, secnode, content):
    board.load({"settings.json": content})
    board.plug()
    said = refused(secnode, "--port", board.port, "--set", "wifi.ssid=x")
    assert harness.mentions(said, "settings.json", "`mpremote fs cp :settings.json .`")
    board.unplug()
    assert board.read("settings.json") == content


def test_too_much(board, secnode):
    content = json.dumps({"mine": {"x": "y" * 4050}}).encode()
    board.load({"settings.json": content})
    board.plug()
    assert harness.mentions(refused(secnode, "--port", board.port, "--set", "wifi.ssid=" + "x" * 32), "4096")
    board.unplug()
    assert board.read("settings.json") == content


def test_a_save_that_was_cut_off_is_found(board, secnode):
    """Where a file can't be replaced in one step: settings.new is whole, settings.json is gone."""
    board.load({"settings.new": KEPT})
    board.plug()
    code, said = secnode("configure", "--port", board.port, "--set", "wifi.ssid=new")
    assert code == 0, said
    board.unplug()
    assert settings(board)["wifi"] == {"ssid": "new", "password": "oldsecret"}
    assert settings(board)["heater"] == {"_p": 9.0}


def test_power_that_goes_leaves_the_old_or_the_new(board, secnode, monkeypatch):
    board.load({"settings.json": KEPT})
    board.plug()
    real = kept.write

    def write(there, sections):
        board.cut = 60
        real(there, sections)

    monkeypatch.setattr(kept, "write", write)
    monkeypatch.setattr(device, "_PATIENCE", 2)
    assert "went away" in refused(secnode, "--port", board.port, "--set", "wifi.ssid=new")
    board.unplug()
    assert board.read("settings.json") == KEPT


def test_a_network_that_is_not_there_is_told(with_node, secnode, monkeypatch):
    monkeypatch.setattr(configure, "_WIFI", 90)
    with_node._env["SECNODE_SPEED"] = "10"
    with_node.plug()
    code, said = secnode("configure", "--port", with_node.port, "--set", "wifi.ssid=nowhere")
    assert code == 0 and re.search(r"Wi-Fi: .*\bname\b", said), said
    assert harness.mentions(said, "wifi.password")


def test_keys(secnode):
    code, said = secnode("configure", "--keys")
    assert code == 0
    for text in ("heater.r25", "10 to 10000000 Ω", "wifi.password", "a secret", "outside.name"):
        assert text in said
    with contextlib.suppress(FileNotFoundError):
        assert os.listdir() == []


# ---- what would count for nothing, or for less than was meant


def test_sections_that_nobody_looks_at_are_named(with_node, secnode):
    with_node.load({"settings.json": b'{"acess": {"tcp": "none"}, "outside": {}, "mine": {}, "ntp": {}}'})
    with_node.plug()
    code, said = secnode("configure", "--port", with_node.port, "--set", "node.clients=2")
    assert code == 0, said
    assert re.search("'acess'.*;.* access ", said) and harness.mentions(said, "'mine'")
    assert "'outside'" not in said and "'ntp'" not in said


@pytest.mark.parametrize(
    ("content", "key"), [(b'{"wifi": {}, "wifi": {}}', "'wifi'"), (b'{"access": {"tcp": "read", "tcp": "write"}}', "'tcp'")]
)
def test_a_key_that_is_there_twice_can_not_be_read(board, secnode, content, key):
    board.load({"settings.json": content})
    board.plug()
    assert harness.mentions(refused(secnode, "--port", board.port, "--set", "wifi.ssid=x"), "settings.json", key)
    board.unplug()
    assert board.read("settings.json") == content


def test_settings_that_were_put_aside_are_not_forgotten(board, secnode):
    """The board has nothing but settings.bad: what is written anew does not open it, until it says who may do what."""
    board.load({"settings.bad": b"{"})
    board.plug()
    code, said = secnode("configure", "--port", board.port, "--set", "node.clients=2")
    assert code == 0 and harness.mentions(said, "settings.bad", "access.tcp=write"), said
    board.unplug()
    assert settings(board) == {"damaged": {}, "node": {"clients": 2}}
    board.plug()
    code, said = secnode("configure", "--port", board.port, "--set", "access.tcp=read")
    assert code == 0 and "settings.bad" not in said, said
    board.unplug()
    assert settings(board) == {"node": {"clients": 2}, "access": {"tcp": "read"}}
