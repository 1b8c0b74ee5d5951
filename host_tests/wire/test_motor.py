"""A motor with limit switches, as a client sees it: reference run, way and ramp, stop, what a switch does."""

import time

import pytest

from host_tests import harness
from host_tests.harness import error_class, mentions, value, wait

STAGE = harness.NODES / "stage.py"
MM = 400  # steps
SPEED = 4
IDLE, BUSY, ERROR = 100, 300, 400


@pytest.fixture(scope="module")
def node(level):
    process = harness.NodeProcess(level, STAGE, speed=SPEED)
    yield process
    process.stop()


@pytest.fixture
def client(node):
    with node.connect() as wire:
        yield wire
        wire.ask("do stage:stop")
        wait(lambda: status(wire)[0] != BUSY)


def status(wire, name="stage"):
    return value(wire, name + ":status")


def arrived(wire, name="stage"):
    wait(lambda: status(wire, name)[0] != BUSY, 30)
    return status(wire, name)


def home(wire):
    assert wire.ask("do stage:_home").startswith("done")
    assert status(wire) == [BUSY, "reference run"]
    assert arrived(wire) == [IDLE, ""]


def test_where_it_is_is_not_known_at_first(start_node):
    with start_node(STAGE, speed=SPEED).connect() as wire:
        assert value(wire, "stage:_homed") is False
        assert error_class(wire.ask("change stage:target 3")) == "Impossible"
        home(wire)
        assert value(wire, "stage:_homed") is True
        # where the switch opens, with what it goes in a look more
        assert value(wire, "stage") == value(wire, "stage:target") == -1
        assert -5 <= value(wire, "truth") <= 30


def test_a_way(client):
    home(client)
    zero = value(client, "truth") + MM
    for target in (3, 2.5, 10, -0.5):
        assert client.ask(f"change stage:target {target}").startswith("changed")
        assert status(client) == [BUSY, "moving"]
        assert arrived(client) == [IDLE, ""]
        assert value(client, "stage") == target
        assert value(client, "truth") == zero + target * MM


def test_another_target_on_the_way(client):
    home(client)
    zero = value(client, "truth") + MM
    client.ask("change stage:target 30")
    wait(lambda: value(client, "stage") > 4)
    client.ask("change stage:target 2")  # back
    assert arrived(client) == [IDLE, ""]
    assert (value(client, "stage"), value(client, "truth")) == (2, zero + 2 * MM)


def test_stop_is_within_the_ramp(client):
    home(client)
    zero = value(client, "truth") + MM
    client.ask("change stage:target 30")
    wait(lambda: value(client, "stage") > 4)
    before = value(client, "stage")
    assert client.ask("do stage:stop").startswith("done")
    assert arrived(client) == [IDLE, ""]
    after = value(client, "stage")
    # 10 mm/s by 20 mm/s^2 are 2.5 mm, and what is there in advance 1 mm; the client is late as well, and time goes faster here
    assert 0 < after - before < 20
    assert value(client, "stage:target") == after
    assert value(client, "truth") == pytest.approx(zero + after * MM, abs=0.5)
    time.sleep(0.3)
    assert value(client, "stage") == after


def test_a_limit_switch(client):
    home(client)
    client.ask("change stage:target 45")  # the stage ends at 40
    code, text = arrived(client)
    assert code == ERROR and mentions(text, "upper limit switch")
    assert value(client, "stage:_homed") is False
    assert value(client, "truth") <= 16400
    assert error_class(client.ask("change stage:target 3")) == "Impossible"
    home(client)
    client.ask("change stage:target 3")
    assert arrived(client) == [IDLE, ""]


def test_slower(client):
    home(client)
    assert client.ask("change stage:_speed 2").startswith("changed")
    begin = time.monotonic()
    client.ask("change stage:target 1")
    assert arrived(client) == [IDLE, ""]
    assert time.monotonic() - begin > 0.7 / SPEED
    client.ask("change stage:_speed 10")
    assert error_class(client.ask("change stage:_speed 11")) == "RangeError"


def test_without_switches(client):
    assert value(client, "wheel:_homed") is True
    assert error_class(client.ask("do wheel:_home")) == "Impossible"
    client.ask("change wheel:target 90")
    assert arrived(client, "wheel") == [IDLE, ""]
    assert value(client, "wheel") == 90
