"""The board's wired network: cable pulled and put back, no DHCP server, another address, a fixed one.

In virtual time, with the simulated interfaces (boards/HOST/sim_lan.py) as a W5500 at an RP2040 and an ESP32 with a PHY behave.
"""

import pytest

from host_tests.network.conftest import DEAF, NO_ADDRESS, NO_LINK

LINKED = 2  # s until a link is there
UP = "info Ethernet is up: 192.0.2.2, test.local"
ERROR = "error Ethernet: "


@pytest.fixture(params=["rp2", "esp32"])
def board(request):
    return request.param


def run(linking, board, events=(), seconds=100, settings=None, **kwds):
    """What is said, [(s, text), ...], when faults happen at their times."""
    return [(when, text) for when, text in linking.ask("cable", board, settings or {}, list(events), seconds, *kwds.values())]


def texts(said):
    return [text for _, text in said]


def test_it_is_up_by_itself(linking, board):
    said = run(linking, board)
    assert texts(said) == [UP, "announced 192.0.2.2", "up"]
    assert said[0][0] <= LINKED + 5


@pytest.mark.parametrize("pulled", [3, 60, 3600])
def test_a_cable_pulled_and_put_back(linking, board, pulled):
    said = run(linking, board, [[50, "cable_pulled"], [50 + pulled, "none"]], 100 + pulled)
    assert texts(said) == [UP, "announced 192.0.2.2", "clients ended", ERROR + NO_LINK, UP, "announced 192.0.2.2", "up"]
    assert 50 <= said[2][0] <= 52
    assert said[4][0] <= 50 + pulled + 5, "served again"


@pytest.mark.parametrize("seconds", [20, 3600])
def test_a_cable_that_comes_late(linking, board, seconds):
    said = run(linking, board, [[0, "cable_pulled"], [seconds, "none"]], seconds + 30)
    assert texts(said) == [ERROR + NO_LINK, UP, "announced 192.0.2.2", "up"], "what is wrong for an hour is told once"
    assert said[1][0] <= seconds + LINKED + 5


@pytest.mark.parametrize("seconds", [30, 3600])
def test_a_dhcp_server_that_comes_late(linking, board, seconds):
    said = run(linking, board, [[0, "dhcp_silent"], [seconds, "none"]], seconds + 100)
    assert texts(said) == [ERROR + NO_ADDRESS, UP, "announced 192.0.2.2", "up"]
    assert said[1][0] <= seconds + 12, "its own pauses are up to a minute long: each try asks anew"


def test_another_address(linking, board):
    said = run(linking, board, [[50, "dhcp_renewed"]])
    assert texts(said)[2:] == ["clients ended", UP.replace("2.2,", "2.3,"), "announced 192.0.2.3", "up"]
    assert 50 <= said[2][0] <= 55


def test_a_switch_that_lets_nothing_through(linking, board):
    """As with Wi-Fi: where the DNS server answered before, its silence and that of all clients is taken for a fault."""
    said = run(linking, board, [[100, "switch_deaf"], [300, "none"]], 500)
    assert ERROR + DEAF in texts(said)
    assert texts(said)[-1] == "up"
    said = run(linking, board, [[100, "switch_deaf"], [300, "none"]], 500, client=True)
    assert texts(said) == [UP, "announced 192.0.2.2", "up"], "a client is there"


def test_a_network_without_dns_is_left_alone(linking, board):
    said = run(linking, board, [[0, "dns_silent"]], 3600)
    assert texts(said) == [UP, "announced 192.0.2.2", "up"]


FIXED = {"address": "10.1.2.3/16", "gateway": "10.1.0.1", "dns": "10.1.0.2"}


@pytest.mark.parametrize("settings", [FIXED, {"address": "10.1.2.3/16"}])
def test_a_fixed_address_asks_nobody(linking, board, settings):
    said = run(linking, board, [[0, "dhcp_silent"], [50, "cable_pulled"], [55, "none"]], settings={"ethernet": settings})
    up = "info Ethernet is up: 10.1.2.3, test.local"
    assert texts(said) == [up, "announced 10.1.2.3", "clients ended", ERROR + NO_LINK, up, "announced 10.1.2.3", "up"]
    assert said[0][0] <= LINKED + 2


@pytest.mark.parametrize("wrong", [
    {"address": "10.1.2.3"}, {"address": "10.1.2.3/33"}, {"address": "10.1.2/16"}, {"address": "10.1.2.3/x"},
    {"address": "10.1.2.3/0"}, {"address": "::1/64"}, {**FIXED, "gateway": "10.1"}, {**FIXED, "dns": "ns"},
], ids=str)  # fmt: skip
def test_a_fixed_address_that_is_none(linking, board, wrong):
    said = run(linking, board, settings={"ethernet": wrong})
    assert said[0][1].startswith("error Ethernet: ") and "settings.json" in said[0][1]
    assert texts(said)[1:] == [UP, "announced 192.0.2.2", "up"], "a DHCP server is asked"


def test_any_faults_in_any_order(linking, board):
    events = []
    for n in range(60):
        events.append(
            [20 + 40 * n, ("cable_pulled", "dhcp_silent", "switch_deaf", "dns_silent", "dhcp_renewed", "none")[n * 7 % 6]]
        )
    said = run(linking, board, [*events, [3000, "none"]], 3200)
    assert texts(said)[-1] == "up"
    assert not [text for text in texts(said) if "Error" in text or "Traceback" in text]
