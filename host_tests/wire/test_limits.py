"""Dynamic limits: described by the parent's type, enforced with Impossible, and consistent among themselves."""

import json

import pytest

from host_tests import harness
from tools.image import image

NODE = harness.NODES / "limits.py"


@pytest.fixture
def wire(nodes):
    with nodes(NODE).connect() as wire:
        for reset in (
            "furnace:target_limits [0, 1200]", "furnace:ramp_max 50", "numbers:_int_min -100", "numbers:_int_max 100",
            "numbers:_scaled_limits [-1000, 1000]", "numbers:_free_limits [-3e38, 3e38]",
        ):  # fmt: skip
            assert wire.ask("change " + reset).startswith("changed"), reset
        yield wire


def refused(wire, request):
    """(class, text, closest_valid) of an error."""
    _, _, data = harness.split(wire.ask(request))
    return data[0], data[1], data[2].get("closest_valid")


def test_description():
    modules = json.loads(image.describe(str(NODE)))["modules"]
    furnace = modules["furnace"]["accessibles"]
    target = furnace["target"]["datainfo"]
    assert furnace["target_limits"]["datainfo"] == {"type": "tuple", "members": [target, target]}
    assert furnace["ramp_max"]["datainfo"] == furnace["ramp"]["datainfo"]
    assert furnace["ramp_enable"]["datainfo"] == {"type": "bool"}
    assert furnace["target_limits"]["readonly"] is False
    assert modules["small"]["accessibles"]["target_limits"]["datainfo"]["members"][0]["max"] == 400


@pytest.mark.parametrize("action", ["change", "check"])
def test_limits_that_are_written_by_hand_are_limits(wire, action):
    """They locked the module: the lower one above the upper one was taken, and no target after that."""
    for request in ("target_limits [-10, 10]", "_gain_min 0", "_gain_max 100", "target_limits [-2, 3]", "_gain_max 20"):
        assert wire.ask(f"change written:{request}").startswith("changed"), request
    assert refused(wire, f"{action} written:target_limits [5, -5]")[0] == "Impossible"
    assert refused(wire, f"{action} written:_gain_min 30")[::2] == ("Impossible", 20)
    assert refused(wire, f"{action} written:target 4")[::2] == ("Impossible", 3.0)
    assert refused(wire, f"{action} written:_gain 21")[::2] == ("Impossible", 20)
    assert wire.ask(f"{action} written:target 3").startswith(f"{action}ed".replace("ee", "e"))


def test_enable_is_true_or_false(wire):
    assert wire.ask("change furnace:ramp_enable true").startswith("changed furnace:ramp_enable [true, ")
    assert wire.ask("check furnace:ramp_enable false").startswith("checked furnace:ramp_enable [false, ")
    for bad in ("0", "1", '"ON"', "null"):
        assert refused(wire, f"change furnace:ramp_enable {bad}")[0] == "WrongType"
    assert harness.split(wire.ask("read furnace:ramp_enable"))[2][0] is True


def test_enforced_with_the_limit_in_the_text(wire):
    assert wire.ask("change furnace:target_limits [100, 800]").startswith("changed")
    assert wire.ask("change furnace:target 800").startswith("changed")
    kind, text, closest = refused(wire, "change furnace:target 800.5")
    assert (kind, closest) == ("Impossible", 800.0)
    assert "between 100 and 800 K" in text and "target_limits" in text
    assert refused(wire, "check furnace:target 99")[::2] == ("Impossible", 100.0)
    # what the data type says stays RangeError
    assert refused(wire, "change furnace:target 1200.5")[0] == "RangeError"
    assert refused(wire, "change furnace:ramp 60")[::2] == ("Impossible", 50.0)


def test_they_begin_at_the_data_type_or_their_default(wire):
    assert harness.split(wire.ask("read furnace:target_limits"))[2][0] == [0.0, 1200.0]
    assert harness.split(wire.ask("read small:target_limits"))[2][0] == [10.0, 300.0]
    assert refused(wire, "change small:target 350")[::2] == ("Impossible", 300.0)
    assert refused(wire, "change numbers:_free_fixed -2")[::2] == ("Impossible", -1.5)
    assert refused(wire, "change numbers:_free_fixed_min -2")[0] == "ReadOnly"


def test_consistent(wire):
    assert refused(wire, "change furnace:target_limits [800, 100]")[0] == "Impossible"
    assert refused(wire, "change furnace:target_limits [0, 1300]")[0] == "RangeError"
    assert wire.ask("change numbers:_int_max 5").startswith("changed")
    kind, text, closest = refused(wire, "change numbers:_int_min 6")
    assert (kind, closest) == ("Impossible", 5) and "_int_max" in text
    assert refused(wire, "change numbers:_int_min -101")[0] == "RangeError"
    assert wire.ask("change numbers:_int_min 5").startswith("changed")
    assert wire.ask("change numbers:_int 5").startswith("changed")
    assert refused(wire, "change numbers:_int 6")[::2] == ("Impossible", 5)
    assert refused(wire, "change numbers:_int_max 4")[::2] == ("Impossible", 5)


def test_the_integer_of_a_scaled_is_what_limits_have(wire):
    assert wire.ask("change numbers:_scaled_limits [-55, 333]").startswith("changed numbers:_scaled_limits [[-55, 333]")
    assert refused(wire, "change numbers:_scaled 334")[::2] == ("Impossible", 333)
    assert refused(wire, "change numbers:_scaled -56")[::2] == ("Impossible", -55)
    assert wire.ask("change numbers:_scaled 333").startswith("changed numbers:_scaled [333")


@pytest.mark.parametrize("limit", ["0.1", "1.2345678", "-0.00012345678", "123456.789", "1e-20", "-3.3333333e30"])
def test_closest_valid_passes_as_printed(wire, limit):
    for which, beyond in ((0, "-3e38"), (1, "3e38")):
        limits = [limit, "3e38"] if which == 0 else ["-3e38", limit]
        assert wire.ask(f"change numbers:_free_limits [{limits[0]}, {limits[1]}]").startswith("changed")
        kind, _, closest = refused(wire, f"check numbers:_free {beyond}")
        assert kind == "Impossible" and closest == pytest.approx(float(limit), rel=1e-7)
        assert wire.ask(f"check numbers:_free {json.dumps(closest)}").startswith("checked")
