"""The board's Wi-Fi: it stays connected for ever, says what is wrong once, and neither name nor password of the network.

In virtual time, with the simulated radio (boards/HOST/network.py) as an RP2040 and as an ESP32 behave.
"""

import json
import subprocess
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.network.conftest import DEAF, LOST, NO_NETWORK, REFUSED
from tools import paths
from tools.emulator import host
from tools.image import image

GOOD = {"wifi": {"ssid": "HOST", "password": "secnode-host"}}
UP = "info Wi-Fi is up: 192.0.2.2, test.local"
ERROR = "error Wi-Fi: "


@pytest.fixture(params=["rp2", "esp32"])
def board(request):
    return request.param


def run(linking, board, events=(), seconds=300, settings=GOOD, **kwds):
    """What is said, [(s, text), ...], when faults happen at their times."""
    said, _, _, _ = linking.ask("connection", board, settings, list(events), seconds, *kwds.values())
    return [(when, text) for when, text in said]


def texts(said):
    return [text for _, text in said]


def between(said, text, begin, end):
    return [when for when, t in said if t == text and begin <= when <= end]


def test_it_counts_as_up_when_it_lasts(linking, board):
    said = run(linking, board)
    assert texts(said) == [UP, "announced 192.0.2.2", "up"]
    # the radio needs 2 s, and then it has to last for 5
    assert 7 <= said[0][0] <= 12


def test_how_the_radio_is_set_up(linking, board):
    _, settings, login, names = linking.ask("connection", board, GOOD, [], 20, "Example_org.Heater ")
    assert settings["pm"] == 0x10, "no saving of power: it would not be heard"
    assert settings.get("reconnects") == {"rp2": None, "esp32": 2}[board], "an ESP32 that tries for ever never says why"
    assert login == ["HOST", "secnode-host"]
    assert names == ["example-org-heater", "XX"], "the host name is known before the radio is switched on"


def test_settings_choose_host_name_and_country(linking, board):
    settings = {"wifi": {**GOOD["wifi"], "hostname": "cryo-2", "country": "DE"}}
    _, _, _, names = linking.ask("connection", board, settings, [], 20, "other")
    assert names == ["cryo-2", "DE"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("mlz_ccr12", "mlz-ccr12"),
        ("-Ärger.im.Labor-", "rger-im-labor"),
        ("a" * 31 + "..b", "a" * 31),
        ("???", "secnode"),
        ("", "secnode"),
    ],
)
def test_host_names(linking, name, label):
    assert linking.ask("label", name) == label


@pytest.mark.parametrize("at", [3, 7, 100])
def test_an_access_point_gone_for_an_hour_and_back(linking, board, at):
    said = run(linking, board, [[at, "ap_gone"], [at + 3600, "none"]], at + 3700)
    assert texts(said).count(ERROR + NO_NETWORK) == 1, "told once"
    if at == 100:
        # those who were connected have to connect anew, whatever address there will be
        ended = between(said, "clients ended", at, at + 15)
        assert ended and between(said, ERROR + LOST, at, at + 15) and not between(said, "clients ended", at + 16, at + 3700)
    assert len(between(said, UP, at + 3600, at + 3660)) == 1, "found again within a minute"
    assert said[-1] == (at + 3700, "up")
    assert len(said) < 10


def test_nobody_at_all(linking, board):
    said = run(linking, board, [[0, "ap_gone"]], 86400)
    assert texts(said) == [ERROR + NO_NETWORK, "down"]


@pytest.mark.parametrize("login", [("HOST", "not-that-one"), ("HOST", "")])
def test_a_wrong_password_is_told_and_kept_secret(linking, board, login):
    settings = {"wifi": {"ssid": login[0], "password": login[1]}}
    said = run(linking, board, [], 600, settings)
    assert ERROR + REFUSED in texts(said) and said[-1][1] == "down"
    assert not any("HOST" in text or "that-one" in text for text in texts(said))


def test_a_password_that_was_changed_and_changed_back(linking, board):
    said = run(linking, board, [[50, "ap_gone"], [60, "ap_password"], [1000, "none"]], 1100)
    assert between(said, ERROR + REFUSED, 60, 120)
    assert between(said, UP, 1000, 1060)


def test_no_address(linking, board):
    said = run(linking, board, [[0, "dhcp_silent"], [200, "none"]])
    assert any(harness.mentions(text, "error Wi-Fi", "60 s") for text in texts(said))
    assert between(said, UP, 200, 270)


def test_another_address_is_announced(linking, board):
    said = run(linking, board, [[100, "dhcp_renewed"]], 130)
    assert texts(said)[2:] == ["clients ended", UP.replace("2.2", "2.3"), "announced 192.0.2.3", "up"]
    assert 100 <= said[2][0] <= 111


def test_a_connection_that_does_not_last_is_not_up(linking, board):
    said = run(linking, board, [[0, "ap_flapping"]], 600)
    text, end = texts(said)
    assert harness.mentions(text, "error Wi-Fi", "5 s") and end == "down"


def test_connected_while_nothing_gets_through(linking, board):
    """The board calls itself connected: it connects again, less and less often, and goes on at once when it is mended."""
    said = run(linking, board, [[100, "ap_deaf"]], 7300)
    deaf = [when for when, text in said if text == ERROR + DEAF]
    assert 150 <= deaf[0] <= 200
    assert 4 <= len(deaf) <= 12
    steps = [b - a for a, b in zip(deaf, deaf[1:], strict=False)]
    assert steps == sorted(steps) and steps[-1] < 1300
    # those that were connected were told, in the way a connection has
    assert len(between(said, "clients ended", 0, 7300)) == len(deaf)
    said = run(linking, board, [[100, "ap_deaf"], [300, "none"]], 3600)
    assert not [when for when, text in said if DEAF in text and when > 700]
    assert said[-1][1] == "up"


def test_a_dead_dns_server_disturbs_no_client(linking, board):
    """Its silence may mean that the network is dead; a client that is surely there says that it is not."""
    said = run(linking, board, [[100, "dns_silent"]], 3600, name="test", client=True)
    assert texts(said) == [UP, "announced 192.0.2.2", "up"]


def test_a_network_without_dns_server(linking, board):
    """Where it never answered, its silence says nothing."""
    said = run(linking, board, [[0, "dns_silent"]], 3600)
    assert texts(said) == [UP, "announced 192.0.2.2", "up"]


@pytest.mark.parametrize(
    ("wifi", "named"),
    [
        ({"password": "short"}, ("wifi.password", "8 to 64")),
        ({"password": 12345678}, ("wifi.password", "8 to 64")),
        ({"password": "x" * 65}, ("wifi.password", "8 to 64")),
        ({"ssid": "n" * 33}, ("wifi.ssid", "1 to 32")),
        ({"ssid": ["secret-name"]}, ("wifi.ssid", "1 to 32")),
        ({"hostname": ""}, ("wifi.hostname", "1 to 32")),
        ({"country": "Germany"}, ("wifi.country", "2 to 2")),
    ],
)
def test_settings_have_bounds(linking, board, wifi, named):
    said = run(linking, board, [], 20, {"wifi": {**GOOD["wifi"], **wifi}})
    assert said[0][1].startswith("error settings: ") and harness.mentions(said[0][1], *named)
    for value in wifi.values():
        assert not value or str(value) not in "".join(texts(said))


def test_any_mixture_of_faults_ends_well(linking, board):
    """Whatever was wrong, for however long: mended, it is up within two minutes."""
    names = ["ap_gone", "ap_deaf", "ap_flapping", "ap_password", "dhcp_silent", "dhcp_renewed", "dns_silent", "ntp_silent"]
    events, at = [], 20
    for i in range(120):
        events.append([at, names[(i * 5 + i // 8) % len(names)]])
        at += 7 + (i * 37) % 180
        if i % 3 == 2:
            events.append([at, "none"])
            at += 60
    said = run(linking, board, [*events, [at, "none"]], at + 120)
    assert said[-1][1] == "up"
    assert not any("Traceback" in text or "Error" in text for text in texts(said))


# ---- what is loaded


NETWORK = {"net.wifi", "net.ntp", "net.dns", "net.udp", "drivers.rtc", "transport.tcp", "transport.discovery", "network"}


def loaded(level, tmp_path, settings, **environment):
    """The modules that a running node has loaded, and how it ended."""
    kept = tmp_path / "settings.json"
    kept.write_text(json.dumps(settings))
    script = str(Path(__file__).with_name("loaded.py"))
    done = subprocess.run(
        [harness.interpreter(level), script, str(image.build("outside")), str(paths.BOARDS / "HOST"), str(paths.SHIMS)],
        env={**host.environment(port=harness.free_port(), settings=kept), **environment}, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    return set(done.stdout.split()), done.returncode


def test_what_is_not_needed_is_not_loaded(level, tmp_path):
    """A board without a network, or with one that nobody has set, has more memory for the rest."""
    found, code = loaded(level, tmp_path, {}, SECNODE_WIFI="1")
    assert "nodes.outside" in found and not found & NETWORK and code == 0
    found, code = loaded(level, tmp_path, GOOD)
    assert found & NETWORK == {"transport.tcp", "transport.discovery"} and code == 0
    found, code = loaded(level, tmp_path, GOOD, SECNODE_WIFI="1")
    assert found >= NETWORK and code == 0
