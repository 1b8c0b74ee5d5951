"""`check` beside the property that it agrees with `change`: its forms, who hears of it, and that nothing is changed."""

import pytest

from host_tests import harness


@pytest.fixture
def magnet(nodes):
    with nodes("vector_magnet", speed=20).connect() as wire:
        wire.ask("change mf:_maxfield 2.6832815729997477")
        yield wire


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("check mf:target [1, 1, 2]", "checked mf:target [[1.0, 1.0, 2.0], {}]"),
        ("check mf [1, 1, 2]", "checked mf [[1.0, 1.0, 2.0], {}]"),
        ("check mf:stop", "NotCheckable"),
        ("check cryo:target 2.7", "NotCheckable"),
        ("check cryo:target [", "NotCheckable"),
        ("check mf:value [1, 1, 2]", "NotCheckable"),
        ("check mf:_maxtemperature 2", "NotCheckable"),
        ("check mf:_nothing 1", "NoSuchParameter"),
        ("check nothing:target 1", "NoSuchModule"),
        ("check", "ProtocolError"),
        ("check mf: 1", "ProtocolError"),
        ("check mf:target", "WrongType"),
        ("check mf:target {", "BadJSON"),
        ("check mf:target [1, 1, 1e400]", "RangeError"),
    ],
)
def test_forms(magnet, request_, answer):
    line = magnet.ask(request_)
    if answer.startswith("checked"):
        assert line == answer
    else:
        assert harness.error_class(line) == answer, line
        if answer == "NotCheckable":
            assert harness.split(line)[2] == ["NotCheckable", "", {}]


def test_command(nodes):
    with nodes("example_heater", speed=20).connect() as wire:
        assert wire.ask('check heater:_examplecommand {"a": 1, "b": 2}') == (
            'checked heater:_examplecommand [{"a": 1.0, "b": 2.0}, {}]'
        )
        assert harness.error_class(wire.ask('check heater:_examplecommand {"a": 11, "b": 2}')) == "RangeError"
        assert harness.error_class(wire.ask('check heater:_examplecommand {"a": 1}')) == "WrongType"
        assert harness.error_class(wire.ask("check heater:_examplecommand")) == "WrongType"


def test_a_node_without_it_says_so(nodes):
    with nodes("outside").connect() as wire:
        for request in ("check outside:value 300", "check nothing:at_all", "check"):
            action, _, (name, text, _) = harness.split(wire.ask(request))
            assert (action, name) == ("error_check", "ProtocolError") and harness.mentions(text, "check")


def test_the_status_does_not_matter(magnet):
    requests = ["check mf:target [1, 1, 2]", "check mf:target [1, 2, 2.5]", "check mf:target [0, 0, 11]"]
    idle = [magnet.ask(r) for r in requests]
    assert magnet.ask("change mf:target [0.5, 0.5, 0.5]").startswith("changed")
    assert harness.split(magnet.ask("read mf:status"))[2][0][0] == 300
    assert [magnet.ask(r) for r in requests] == idle
    # in ERROR too: a quench, and cold again
    magnet.ask("change cryo:target 20")
    magnet.ask("activate")
    magnet.until("update mf:status [[400")
    magnet.ask("change cryo:target 4.2")
    magnet.until("update cryo:status [[100")
    magnet.ask("deactivate")
    assert [magnet.ask(r) for r in requests] == idle
    assert harness.error_class(magnet.ask("change mf:target [0.5, 0.5, 0.5]")) == "IsError"
    magnet.ask("do mf:clear_errors")
    assert harness.split(magnet.ask("read mf:status"))[2][0][0] == 100


def test_it_changes_nothing_and_only_the_asking_client_hears_of_it(nodes):
    node = nodes("vector_magnet", speed=20)
    with node.connect() as asking, node.connect() as watching:
        asking.ask("do mf:stop")
        kept = ("mf:target", "mf:status", "mf:ramp", "mf:_maxfield", "cryo:target", "cryo:status")
        before = [asking.ask("read " + p) for p in kept]
        watching.ask("activate")
        asking.ask("activate")
        for value in ("[1, 1, 1]", "[3, 3, 3]", "[11, 0, 0]", '"x"', "{"):
            asking.ask("check mf:target " + value)
        seen = watching.lines(0.3) + asking.lines(0.1)
        asking.ask("deactivate")
        assert [asking.ask("read " + p) for p in kept] == before
        polled = ("mf:value", "mf:setpoint", "mf:_maxtemperature", "cryo:value")
        assert {line.split(" ")[1] for line in seen} <= set(polled)


def test_the_configuration_decides(magnet):
    request = "check mf:target [1, 1, 2]"
    assert magnet.ask(request).startswith("checked")
    assert magnet.ask("change mf:_maxfield 1").startswith("changed")
    _, _, data = harness.split(magnet.ask(request))
    assert data[0] == "Impossible" and abs(sum(v * v for v in data[2]["closest_valid"]) - 1) < 1e-3
    assert magnet.ask("change mf:_maxfield 2.6832815729997477").startswith("changed")
    assert magnet.ask(request).startswith("checked")
