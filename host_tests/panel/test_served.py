"""`secnode panel`: the same page by this PC, for nodes that have none."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from host_tests import harness
from host_tests.bench.frappy_node import FrappyNode
from host_tests.harness import value
from host_tests.serial.conftest import Laid
from host_tests.wire import websocket

from .conftest import field

level = harness.level_fixture("cpython")


@pytest.fixture
def panel():
    """panel(address, ...) gives the port of the page for the node at an address."""
    running = []

    def start(*words):
        command = [sys.executable, "-u", "-m", "tools", "panel", *words, "--port", "0"]
        running.append(subprocess.Popen(command, cwd=harness.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        said = ""
        for line in running[-1].stdout:
            said += line
            if found := re.search(r"is shown at http://127\.0\.0\.1:(\d+)/", line):
                return int(found[1])
        raise AssertionError(said)

    yield start
    for process in running:
        process.terminate()
        process.communicate(timeout=20)


def shown(tab, port):
    tab.goto(f"http://127.0.0.1:{port}/")
    expect(tab.locator("#link")).to_have_text("connected", timeout=20000)
    tab.locator("article .age", has_text=re.compile("now|ago")).first.wait_for()
    assert {re.sub("^ws", "http", url) for url in tab.asked} == {f"http://127.0.0.1:{port}/"}


def driven(tab, specifier, wanted):
    field(tab, specifier).fill(wanted)
    field(tab, specifier).press("Enter")


def test_a_node_over_tcp(tab, panel, nodes):
    node = nodes("oven", speed=5)
    shown(tab, panel(node.uri))
    driven(tab, "heater target", "31")
    with node.connect() as wire:
        harness.wait(lambda: value(wire, "heater:target") == 31, 10)


def test_a_node_at_a_serial_line(tab, panel):
    laid = Laid("cpython", "example_heater")
    try:
        shown(tab, panel(laid.cable.name))
        driven(tab, "heater target", "32")
        expect(tab.locator(".row", has=field(tab, "heater target")).locator(".now")).to_have_text("32", timeout=15000)
    finally:
        laid.stop()


def test_a_node_of_frappy(tab, panel):
    with FrappyNode() as node:
        shown(tab, panel(f"127.0.0.1:{node.port}"))
        driven(tab, "heater target", "33")
        expect(tab.locator(".row", has=field(tab, "heater target")).locator(".now")).to_have_text("33", timeout=15000)


def test_a_node_that_is_not_there(tab, panel):
    port = panel(f"127.0.0.1:{harness.free_port()}")
    tab.goto(f"http://127.0.0.1:{port}/")
    expect(tab.locator("#old")).to_contain_text("127.0.0.1: ", timeout=15000)


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "evil.example"}, {"host": "127.0.0.1"}, {"host": "127.0.0.1:1"}, {"origin": "http://evil.example"},
        {"origin": "null"}, {"origin": "http://127.0.0.1:1"}, {"Host": None}, {"more": ["Host: evil.example"]},
    ],
)  # fmt: skip
def test_no_page_of_another_origin(panel, nodes, changed):
    port = panel(nodes("oven", speed=5).uri)
    assert websocket.answered(port, websocket.request(port, **changed))[0] in (400, 403)
    assert websocket.answered(port, websocket.request(port, Upgrade=None, Connection=None, **changed))[0] in (400, 403)
