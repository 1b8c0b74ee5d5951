"""A node of an instrument runs where there is none: what stands for it is made of the node's own tables, or is the user's."""

import contextlib
import os
import re
import signal
import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.compose.files import documented
from host_tests.compose.test_nodes import MODBUS
from host_tests.harness import error_class, value, wait
from tools import paths
from tools.emulator import imagined


@pytest.fixture
def run(tmp_path):
    """`secnode run`, as a person types it; gives a wire and the program."""
    with contextlib.ExitStack() as stack:

        def start(path, *more):
            port = harness.free_port()
            command = [sys.executable, "-m", "tools", "run", str(path), "--port", str(port), *more]
            env = {**os.environ, "SECNODE_SETTINGS": str(tmp_path / "settings.json")}
            program = subprocess.Popen(
                command,
                cwd=paths.ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.callback(program.wait)
            stack.callback(program.send_signal, signal.SIGINT)
            said = ""
            while "Ctrl-C ends it" not in said:
                line = program.stdout.readline()
                assert line, said
                said += line
            return stack.enter_context(harness.Wire(("127.0.0.1", port))), program, said

        yield start


def test_the_meter_of_the_document_runs_without_a_meter(file, run):
    wire, program, said = run(file(documented()["meter.toml"]))
    assert re.search(r"^ +behind it +.*\bACME,METER7\b", said, re.MULTILINE)
    assert value(wire, "voltage") == 1
    assert wire.ask('change range:target "10 V"').startswith("changed range:target [2,")
    assert value(wire, "range") == 2
    program.stdin.write("fault instrument silent\n")
    program.stdin.flush()
    wait(lambda: error_class(wire.ask("read voltage:value")) == "CommunicationFailed")
    program.stdin.write("fault instrument none\n")
    program.stdin.flush()
    wait(lambda: wire.ask("read voltage:value").startswith("reply "))


def test_registers_of_two_slaves_are_imagined(file, run):
    wire, _, _ = run(file(MODBUS))
    assert value(wire, "output") == 1
    assert wire.ask('change mode:target "manual"').startswith("changed mode:target [1,")
    wait(lambda: value(wire, "interlock:status")[0] == 100)
    assert wire.ask("change loop:target 150").startswith("changed loop:target [150")
    wait(lambda: value(wire, "loop:status")[0] == 100 and abs(value(wire, "loop") - 150) < 1, 20)


OWN = """
class Meter(Lines):
    identity = "ACME,METER7,5"

    def answer(self, request):
        return {"MEAS? 1": "+7.5", "RANGE?": "3"}.get(request, super().answer(request))
"""


def test_a_stand_in_of_ones_own(file, run, tmp_path):
    file(OWN, "mine.py")
    wire, _, _ = run(file(documented()["meter.toml"]), "--instrument", f"{tmp_path / 'mine.py'}:Meter")
    assert (value(wire, "voltage"), value(wire, "range")) == (7.5, 3)


@pytest.mark.parametrize(
    ("form", "number", "text"),
    [
        ("%f", 1.5, "1.5"),
        ("%7f", 12.3456, "+12.346"),
        ("%d", 3.0, "3"),
        ("PR1,%c,%f", 2.5, "PR1,0,2.5"),
        ("%*d,%x", 255, "0,ff"),
        ("%%%d", 1, "%1"),
        ("OK", 1, "OK"),
    ],
)
def test_an_answer_has_its_form(form, number, text):
    assert imagined.filled(form, number) == text


@pytest.mark.parametrize(
    ("command", "request_", "number"),
    [
        ("RANGE %d", "RANGE 3", 3),
        ("VOLT %.3f", "VOLT -0.500", -0.5),
        ("SETP 1,%.1f;", "SETP 1,20.0;", 20),
        ("A%x", "Aff", 255),
        ("VOLT %f", "CURR 1", None),
        (None, "x", None),
    ],
)
def test_a_command_is_taken_by_its_pattern(command, request_, number):
    assert imagined._taken(command, request_) == number
