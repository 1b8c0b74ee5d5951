"""The package websockets, as whoever writes a client over WebSocket takes it: frappy 0.20.9 has a server of that alone."""

import json

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from host_tests.wire.conftest import BENCH


@pytest.fixture
def url(nodes):
    return f"ws://127.0.0.1:{nodes(BENCH, clients=4).port}/"


def until(ws, begin):
    while not (line := ws.recv(timeout=10)).startswith(begin):
        pass
    return line


def test_a_whole_session(url):
    with connect(url) as ws:
        ws.send("*IDN?")
        assert ws.recv().startswith("ISSE,SECoP,")
        ws.send("describe")
        report = json.loads(ws.recv().split(" ", 2)[2])
        assert "gate" in report["modules"]
        ws.send("activate")
        until(ws, "active")
        ws.send("change gate:target 2")
        assert json.loads(until(ws, "changed gate:target ").split(" ", 2)[2])[0] == 2
        ws.send(["pi", "ng in", "_pieces"])
        until(ws, "pong in_pieces ")
        assert ws.ping(b"are you there?").wait(10)
    assert ws.close_code == 1000


def test_bytes_are_no_text(url):
    with connect(url) as ws:
        ws.send(b"*IDN?")
        with pytest.raises(ConnectionClosedError):
            ws.recv(timeout=10)
    assert ws.close_code == 1003
