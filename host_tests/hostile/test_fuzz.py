"""Whatever lines come, each gets exactly one answer, of its own action, never InternalError; and nothing is left behind.

`make fuzz N=1000000` is the same with more lines; what was found stands in seeds.txt.
"""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host_tests import harness
from host_tests.hostile import fuzzing
from host_tests.hostile.answers import EVENTS, judge
from host_tests.properties import values
from tools.image import image

level = harness.level_fixture(*harness.LEVELS, "board-like")
_LINES = 4000
_SEEDS = Path(__file__).with_name("seeds.txt")
BROKEN = [line.split(" ", 1)[1].encode() for line in fuzzing.SPECIAL["bench"] if line.startswith("broken ")]


@pytest.mark.parametrize("name", list(fuzzing.NODES))
def test_mutated_lines(level, name):
    found = fuzzing.fuzz(level, name, _LINES, seed=1)
    assert found["lines"] >= _LINES
    assert found["good"] > _LINES // 20  # else it looks at error messages alone


@pytest.mark.parametrize("name", ["example_heater"])
def test_it_would_notice(level, name, monkeypatch):
    """A line whose answer is not allowed ends it: here InternalError, which the corpus allows for bench alone."""
    if level == "cpython":
        monkeypatch.setitem(fuzzing.NODES, name, harness.NODES / "bench.py")
        with pytest.raises(fuzzing.Found, match="InternalError"):
            fuzzing.fuzz(level, name, 20000, seed=1)


class Answers:
    """A client that sends lines as bytes and looks at each answer."""

    def __init__(self, node):
        self._wire = node.connect()

    def check(self, data, cuts=()):
        """Send lines, cut at some places, and raise AssertionError where the answers are not what they have to be."""
        begin = 0
        for cut in sorted(cut for cut in cuts if cut < len(data)):
            self._wire.socket.sendall(data[begin:cut])
            begin = cut
            time.sleep(0.0002)
        self._wire.socket.sendall(data[begin:])
        self._wire.send("ping end")
        for asked in [*data.split(b"\n")[:-1], b"ping end"]:
            wrong = ""
            while wrong == "":
                line = self._wire.line().encode()
                if not line.startswith(EVENTS):
                    wrong = judge(asked, line, BROKEN)
                    assert not wrong, (asked, line, wrong)
                if not line.startswith((b"ISSE", b"active", b"inactive")):
                    values.strict_json(line.decode().split(" ", 2)[2])

    def close(self):
        self._wire.close()


@pytest.fixture(scope="module")
def answers(nodes):
    opened = {name: Answers(nodes(node, clients=8)) for name, node in fuzzing.NODES.items()}
    yield opened
    for one in opened.values():
        one.close()


@pytest.mark.parametrize("seed", [line for line in _SEEDS.read_text().splitlines() if line and not line.startswith("#")])
def test_what_was_found_once(answers, seed):
    name, sent = seed.split(" ")
    answers[name].check(bytes.fromhex(sent))


def test_every_c1_control_character_and_its_neighbours(answers):
    """They are text (JSON has them), so they come back as they are; in names they are none, and never break a line."""
    for code in range(0x7F, 0xA3):
        c = chr(code)
        for sent in (
            f"ping {c}",
            f"read {c}:value",
            f"read types:_text:{c}",
            f"{c}",
            f"{c} {c}",
            f"activate {c}",
            f"do echo:{c}",
        ):
            answers["bench"].check(sent.encode() + b"\n")
        answers["bench"].check(f'change types:_text "{c}"\nread types:_text\n'.encode())
        answers["bench"].check(f'logging echo:{c} "debug"\ndo echo:communicate "{c}"\nlogging echo "off"\n'.encode())


# ---- the grammar

ACTIONS = ("*IDN?", "describe", "read", "change", "do", "check", "activate", "deactivate", "ping", "logging", "help", "")
ODD_DATA = (
    "{",
    "[1,",
    "nul",
    "NaN",
    "01",
    '"\\ud800"',
    "1e400",
    '"',
    "[" * 200,
    "1 2",
    "\x7f",
    "\u009b",
    "\x00",
    " ",
    "\u20ac",
)
ODD_NAMES = (
    "",
    "value",
    "nobody",
    "x" * 63,
    "x" * 64,
    "x" * 900,
    "1st",
    "_",
    "a-b",
    "a.b",
    "\u00e4",
    "\u0085",
    "status",
    "__init__",
)


def accessibles():
    """[(node, module, accessible, datainfo of what it takes)], and None where there is nothing to take."""
    found = []
    for name, node in fuzzing.NODES.items():
        for module, m in json.loads(image.describe(str(node)))["modules"].items():
            for a, description in m["accessibles"].items():
                datainfo = description["datainfo"]
                if module != "slow":
                    taken = datainfo.get("argument") if datainfo["type"] == "command" else datainfo
                    found.append((name, module, a, taken and bounded(taken)))
    return found


def bounded(datainfo):
    """With the bounds that values.py asks for, and a description may leave out."""
    most = {"string": {"maxchars": 300}, "int": {"min": -1000, "max": 1000}}
    found = {**most.get(datainfo["type"], {}), **datainfo}
    members = found.get("members")
    if found["type"] == "array":
        found["members"] = bounded(members)
    elif found["type"] == "tuple":
        found["members"] = [bounded(m) for m in members]
    elif found["type"] == "struct":
        found["members"] = {name: bounded(m) for name, m in members.items()}
    return found


ACCESSIBLES = {name: [a[1:] for a in accessibles() if a[0] == name] for name in fuzzing.NODES}


@st.composite
def lines(draw, name):
    """A request as bytes: good, or wrong in a place of the grammar."""
    module, accessible, datainfo = draw(st.sampled_from(ACCESSIBLES[name]))
    wrong = draw(st.sampled_from(["nothing"] * 4 + ["action", "module", "accessible", "data", "blanks", "bytes"]))
    action = draw(st.sampled_from(ACTIONS))
    if wrong == "action":
        action = draw(st.sampled_from([action.upper(), action + "x", "error_" + action, "reply"]) | st.text(max_size=9))
    if wrong == "module":
        module = draw(st.sampled_from(ODD_NAMES) | values.short_text)
    if wrong == "accessible":
        accessible = draw(st.sampled_from(ODD_NAMES) | values.short_text)
    specifier = draw(st.sampled_from([f"{module}:{accessible}", f"{module}:{accessible}:more", module, ""]))
    if draw(st.integers(0, 3)):
        specifier = f"{module}:{accessible}"
    data = None
    if datainfo and draw(st.integers(0, 5)):
        data = values.render(draw(values.valid(datainfo) | values.anything(datainfo)))
    if wrong == "data":
        data = draw(st.sampled_from(ODD_DATA) | values.short_text)
        if datainfo and draw(st.booleans()):
            text = values.render(draw(values.valid(datainfo)))
            data = text[: draw(st.integers(0, len(text)))]
    blank = draw(st.sampled_from(["  ", " \t", ""])) if wrong == "blanks" else " "
    line = blank.join([action, specifier] if data is None else [action, specifier, data])
    if not draw(st.integers(0, 9)):
        line = action
    line = line.encode("utf-8", "surrogatepass")
    if wrong == "bytes":
        i = draw(st.integers(0, len(line)))
        line = line[:i] + draw(st.binary(max_size=4)) + line[i:]
    # the error of such an action would look like an event
    line = line.replace(b"\n", b"").replace(b"slow", b"")
    return (b"x" if line.startswith(b"update") else b"") + line


@st.composite
def cases(draw):
    """(node, some lines with their ends, where they are cut)."""
    name = draw(st.sampled_from(list(fuzzing.NODES)))
    ends = st.sampled_from([b"\n", b"\n", b"\r\n"])
    data = b"".join(draw(lines(name)) + draw(ends) for _ in range(draw(st.integers(1, 6))))
    return name, data, draw(st.lists(st.integers(1, len(data)), max_size=3))


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_the_grammar_and_what_is_beside_it(answers, case):
    name, data, cuts = case
    answers[name].check(data, cuts)
