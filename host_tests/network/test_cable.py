"""Whole nodes on a wired network: they heat on without it, and are served and found again when it is there."""

import json
import subprocess
import sys
import time

import pytest

from host_tests import harness
from host_tests.network.conftest import NO_ADDRESS, NO_LINK

level = harness.level_fixture(*harness.LEVELS)

SPEED = 20


def discovered():
    """The ports of the nodes that `secnode discover` finds."""
    words = [sys.executable, "-m", "tools", "discover", "--json", "--timeout", "2"]
    done = subprocess.run(words, cwd=harness.ROOT, capture_output=True, text=True, timeout=60)
    return {found["port"] for found in json.loads(done.stdout or "[]")}


def until_ended(wire):
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            wire.line(20)


def test_a_heater_goes_on_with_a_cable_and_no_dhcp_server(start_node):
    """Nothing waits for an address: neither the watchdog nor the guard sees any of it, for a minute and more."""
    node = start_node("example_heater", speed=SPEED, SECNODE_ETHERNET="lan")
    harness.wait(lambda: "Ethernet is up: 192.0.2.2" in node.log, 20)
    wire = node.connect()
    assert wire.ask("change heater:target 60").startswith("changed")
    node.type("fault cable_pulled")
    until_ended(wire)
    harness.wait(lambda: NO_LINK in node.log, 20)
    node.type("fault dhcp_silent")
    harness.wait(lambda: NO_ADDRESS in node.log, 20)
    time.sleep(100 / SPEED)
    node.type("fault none")
    harness.wait(lambda: node.log.count("Ethernet is up") == 2, 20)
    with node.connect() as wire:
        assert harness.split(wire.ask("read heater:status"))[2][0] == [100, "at target"]
    assert node.log.count("started by") == 1, "the watchdog reset it"
    assert "Traceback" not in node.log


def test_a_w5500_that_nobody_gives_an_address_stops_nothing(start_node):
    """Its ifconfig("dhcp") would: for 10 s, while the watchdog has 8."""
    broken = {"SECNODE_ETHERNET": "1", "SECNODE_NETWORK_FAULT": "dhcp_silent"}
    node = start_node("example_heater", speed=2, ready=False, **broken)
    harness.wait(lambda: NO_ADDRESS in node.log, 40)
    assert "Ethernet is up" not in node.log
    node.type("fault none")
    harness.wait(lambda: "Ethernet is up" in node.log, 60)
    with node.connect() as wire:
        assert wire.ask("change heater:target 30").startswith("changed")
    assert node.log.count("started by") == 1 and "Traceback" not in node.log


def test_cable_put_back_and_another_address(start_node):
    """Told in words, served at once, and found."""
    node = start_node("outside", speed=SPEED, SECNODE_ETHERNET="1")
    harness.wait(lambda: "Ethernet is up: 192.0.2.2" in node.log, 20)
    for fault, words in (("cable_pulled", NO_LINK), ("dhcp_renewed", "Ethernet is up: 192.0.2.3")):
        wire = node.connect()
        assert wire.ask("*IDN?").startswith("ISSE")
        node.type(f"fault {fault}")
        until_ended(wire)
        harness.wait(lambda words=words: words in node.log, 20)
        node.type("fault none")
        harness.wait(lambda: node.log.rstrip().rpartition("Ethernet ")[2].startswith("is up"), 20)
        with node.connect() as wire:
            assert wire.ask("*IDN?").startswith("ISSE")
        assert node.port in discovered()


def test_both_networks_at_once(start_node):
    """Each is told of, and one that goes takes nothing from the other's clients for long."""
    wifi = {"wifi": {"ssid": "HOST", "password": "secnode-host"}}
    node = start_node("outside", speed=SPEED, settings=wifi, SECNODE_WIFI="1", SECNODE_ETHERNET="1")
    harness.wait(lambda: "Ethernet is up" in node.log and "Wi-Fi is up" in node.log, 20)
    node.type("fault cable_pulled")
    harness.wait(lambda: "Ethernet: no link" in node.log, 20)
    with node.connect() as wire:
        assert wire.ask("*IDN?").startswith("ISSE")
    assert "Traceback" not in node.log
