"""A page in a real browser can't have a node do anything."""

import time

import pytest

from host_tests.harness import split
from host_tests.hostile import browser

HEAT = "change heater:target 90\n"


def test_the_page_does_reach_who_does_not_look():
    """Or else the test below would prove nothing."""
    with browser.Naive() as naive:
        for _ in range(5):  # on a busy PC the page gives up some of its requests
            browser.visit(naive.port, HEAT, rounds=2)
            if naive.lines.count(HEAT.strip()) > 10:
                break
    assert naive.lines.count(HEAT.strip()) > 10
    ways = {line.split(" ")[0] for line in naive.lines if line.endswith(" HTTP/1.1")}
    assert ways == {"POST", "GET"}


def test_a_page_can_not_heat(start_node):
    node = start_node("example_heater", settings={"node": {"clients": 8}})
    with node.connect() as wire:
        before = split(wire.ask("read heater:target"))[2][0]
        wire.send("activate heater")
        wire.until("active heater")
        browser.visit(node.port, HEAT)
        assert split(wire.ask("read heater:target"))[2][0] == before != 90
        assert not [line for line in wire.lines(0.2) if line.startswith("update heater:target")]
    assert "Traceback" not in node.log
    # and the places are free for whoever speaks SECoP
    time.sleep(0.5)
    with node.connect() as wire:
        assert wire.ask("*IDN?").startswith("ISSE")


@pytest.mark.parametrize("clients", [1])
def test_nor_where_all_places_are_taken(start_node, clients):
    node = start_node("example_heater", clients=clients)
    with node.connect() as wire:
        before = split(wire.ask("read heater:target"))[2][0]
        browser.visit(node.port, HEAT, rounds=5)
        assert split(wire.ask("read heater:target"))[2][0] == before != 90
