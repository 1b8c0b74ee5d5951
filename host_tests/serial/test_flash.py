"""Flash stops the whole board for a moment: it is written while serial lines are quiet, and what it damaged is refused."""

import json
import time

from host_tests import harness
from host_tests.harness import error_class

NODE = harness.NODES / "kept.py"


def saved(line, parameter):
    try:
        return json.loads(line.node.settings.read_text())["control"].get(parameter)
    except (OSError, KeyError):
        return None


def test_nothing_is_written_while_a_request_comes_in(lay):
    """20 times faster: due after half a second. The request is answered as ever, and then it is written."""
    line = lay(NODE, speed=20)
    with line.connect() as wire:
        wire.ask("change control:_p 8")
        for piece in (b"re", b"ad con", b"trol:_p"):
            wire.socket.sendall(piece)
            time.sleep(0.5)
            assert saved(line, "_p") is None
        assert wire.ask("").startswith("reply control:_p [8.0")
        harness.wait(lambda: saved(line, "_p") == 8, 20)


def test_a_request_that_is_cut_by_it_is_refused(lay):
    """A line that never ends holds it up for five minutes at most, here 200 times faster. It may lack bytes then."""
    line = lay(NODE, speed=200)
    with line.connect() as wire:
        wire.ask("change control:_p 8")
        wire.socket.sendall(b"change control:_p 9")
        harness.wait(lambda: saved(line, "_p") == 8, 20)
        answer = wire.ask("")
        assert error_class(answer) == "ProtocolError" and "flash" in answer
        assert answer.startswith("error_change control:_p ")
        time.sleep(0.5)  # so soon after it nothing is sure
        assert wire.ask("read control:_p").startswith("reply control:_p [8.0")
        assert wire.ask("change control:_p 9").startswith("changed control:_p [9.0")


def cut(places, *events):
    clients, _ = places.ask("happen", {}, 2, [["lay", "a"], ["send", "a", "*IDN?\n"], *events])
    return clients["a"][0].split("\n")[1:-1]


def test_which_requests_are_refused(places):
    """In the session's own time: what was under way, and what begins within 200 ms of a stop that something came in at."""
    half = ["send", "a", "change lamp:tar"], ["cut"], ["send", "a", "get 3\n"]
    assert error_class(cut(places, *half)[0]) == "ProtocolError"
    # what came whole before is answered, and so is what comes later
    assert cut(places, ["send", "a", "ping 1\n"], *half, ["wait", 300], ["send", "a", "ping 2\n"])[::2] == [
        "pong 1 [null, {}]", "pong 2 [null, {}]",
    ]  # fmt: skip
    # soon after such a stop nothing is sure
    assert error_class(cut(places, *half, ["wait", 100], ["send", "a", "ping 2\n"])[1]) == "ProtocolError"
    # a stop that nothing came in at damages nothing
    assert cut(places, ["cut"], ["send", "a", "ping 3\n"]) == ["pong 3 [null, {}]"]
    # who asks who is there is always told
    assert cut(places, ["send", "a", "xx"], ["cut"], ["send", "a", "*IDN?\n"]) == ["ISSE,SECoP,V2019-09-16,v1.0"]
