"""Fixtures: an emulated board that is unplugged, and what `secnode` says in this very process."""

import functools

import pytest

from host_tests import harness
from host_tests.deploy.emulated import Board
from tools.__main__ import main
from tools.board import device
from tools.image import image
from tools.problem import Problem


@pytest.fixture(scope="session", autouse=True)
def _board_like():
    try:
        harness.interpreter("board-like")
    except Problem as e:
        if harness.in_ci():
            raise
        pytest.skip(f"level board-like is missing here: {e}")


@pytest.fixture(scope="session", autouse=True)
def _built_once():
    # describing and compiling take a second
    real = image.for_board
    image.for_board = functools.cache(real)
    yield
    image.for_board = real


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    # the machine may be busy
    monkeypatch.setattr(device, "_SILENCE", 40.0)


@pytest.fixture
def board():
    with Board() as board:
        yield board


@pytest.fixture
def secnode(capsys):
    """secnode("flash", "--port", ...) gives (exit code, what it said)."""

    def run(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out + err

    return run
