"""What a board says at its REPL is text, too: no verb ends in a traceback, and nothing of it reaches the terminal as more."""

import argparse
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host_tests.tools.test_hostile_node import _FORBIDDEN, EVIL, anything
from tools.board import device, flash, kept
from tools.problem import Problem
from tools.verbs import selftest


class Board(device.Device):
    """A Device whose board says `said` to everything."""

    def __init__(self, said):
        self.name = "/dev/ttyNIX"
        self._said = said

    def exec(self, code, timeout=0):
        return self._said


ARGS = argparse.Namespace(r25=10000, beta=3950, power=20, seconds=1, limit=60)


@given(anything.map(repr) | st.text() | anything.map(lambda thing: repr((thing, thing))))
@example(repr((EVIL, (1, 2, 3), EVIL, EVIL, 6)))
@example("(" * 5000)
@example("'a', 1")
@example("(1, (0.5, 'warm'))")
@example("before 1 nan\n")
@example("None")
def test_every_question_to_a_board_is_answered_in_words(said):
    there = Board(said)
    tester = selftest.Selftest(there, ARGS, {}, True)
    steps = [lambda: device.identity(there), lambda: kept.read(there), lambda: flash.formerly(there)]
    steps += [
        lambda: flash.plan(there, {"a.mpy": b"1"}),
        lambda: flash.check_space(there, [], {}),
        tester.outputs,
        tester.sensors,
    ]
    steps += [tester.heater, tester.flash, tester.heap, tester.wifi, tester.clock]
    for step in steps:
        try:
            step()
        except (Problem, device.BoardError) as e:
            assert not _FORBIDDEN.search(str(e)), ascii(str(e))
    for row in tester.rows:
        assert not _FORBIDDEN.search("".join(row)), row


def test_a_table_of_what_was_found_takes_no_markup(capsys):
    selftest.show([("clock [/]", "fail", "[/] [bold]x", "[@click=app.quit]y[/]")])
    assert "[/] [bold]x" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Traceback:\nOSError: 19", "OSError: 19 (no such device)"),
        ("OSError: [Errno 19] ENODEV", "OSError: [Errno 19] ENODEV (no such device)"),
        ("OSError: 123456789012", "OSError: 123456789012"),
        ("ValueError: " + "\x1b[2J[/]", r"ValueError: \x1b[2J[/]"),
        ("", "no traceback"),
    ],
)
def test_an_exception_of_the_board_is_in_words(text, said):
    assert str(device.BoardError(text)) == said


def test_what_a_node_that_fails_says_is_clean(monkeypatch):
    there = Board("")
    there.reopen = lambda: None
    there.ask = lambda request, answered, patience: (None, f"Traceback\n{EVIL}\nOSError: 5\n")
    with pytest.raises(Problem) as found:
        flash.started(there)
    assert not _FORBIDDEN.search(str(found.value).replace("\n", "")) and re.search("OSError: 5", str(found.value))
    there.ask = lambda request, answered, patience: (re.match("(.*)", "ISSE" + EVIL), "")
    assert "\x1b" not in flash.started(there)
