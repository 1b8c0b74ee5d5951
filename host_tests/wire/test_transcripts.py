"""The exchanges of SECoP's own introductions, played against the nodes they were written for.

The files of host_tests/transcripts are scripts. A comment `# node: NAME` begins a section for the node of that name; other
comments are for people. `>` is what the player sends, `<` what has to come back. In what comes back

- `{...}` as a report's qualifiers is an object with a plain decimal `t` or without any; elsewhere it is any object,
- `<number>`, `<text>` and `<300..399>` stand for a number, a text, and a number in that range,
- an error's text is free, its class and its third element are not,
- a description may say more of the node than the script does, but has exactly its modules,
- the order of an object's keys and white space inside JSON do not count.

A line `...` lets updates pass up to the next line that is awaited; while the connection is active they may pass anywhere.
A `closest_valid` may be off by 1e-3, and the player asks the node whether it would accept it.
"""

import json
import re

import pytest

from host_tests import harness

_TRANSCRIPTS = harness.ROOT / "host_tests" / "transcripts"
_PLACEHOLDER = re.compile(r"\{\.\.\.\}|<[a-z]+>|<\d+\.\.\d+>")
_PLAIN_T = re.compile(r'"t": ?\d+\.\d{3,}[,}]')


def sections():
    """All of the files: (id, node, lines)."""
    for path in sorted(_TRANSCRIPTS.glob("*.txt")):
        for text in re.split(r"^# node: ", path.read_text("utf-8"), flags=re.M)[1:]:
            head, _, body = text.partition("\n")
            node = re.match(r"\w+", head)[0]
            yield pytest.param(node, body.splitlines(), id=f"{path.stem}-{node}", marks=missing(node))


def missing(node):
    path = harness.ROOT / "firmware" / "nodes" / (node + ".py")
    return () if path.exists() else pytest.mark.skip(f"there is no node {node} yet")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def matches(wanted, value, key=None):
    """Whether a parsed value is what the script wants; its placeholders are strings that begin with a tab."""
    if isinstance(wanted, str) and wanted.startswith("\t"):
        name = wanted[1:]
        if name == "{...}":
            return isinstance(value, dict)
        if name == "<text>":
            return isinstance(value, str)
        low, _, high = name.strip("<>").partition("..")
        return is_number(value) and (name == "<number>" or float(low) <= value <= float(high))
    if isinstance(wanted, dict):
        extra = key in (None, "description of the node")
        return (
            isinstance(value, dict)
            and (wanted.keys() <= value.keys() if extra else wanted.keys() == value.keys())
            and all(matches(wanted[k], value[k], k) for k in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(value, list) and len(wanted) == len(value) and all(map(matches, wanted, value, [key] * len(value)))
    if is_number(wanted) and is_number(value):
        return abs(wanted - value) <= (1e-3 if key == "closest_valid" else 0)
    return wanted == value and type(wanted) is type(value)


def line_matches(wanted, line):
    """Whether a line from the node is what the script wants."""
    w_action, w_specifier, w_data = (wanted.split(" ", 2) + ["", ""])[:3]
    action, specifier, data = (line.split(" ", 2) + ["", ""])[:3]
    if (w_action, w_specifier, bool(w_data)) != (action, specifier, bool(data)):
        return False
    if not w_data:
        return True
    pattern = json.loads(_PLACEHOLDER.sub(lambda m: json.dumps("\t" + m[0]), w_data))
    value = json.loads(data)
    key = "description of the node" if action == "describing" else "report"
    if not matches(pattern, value, key):
        return False
    qualified = key == "report" and pattern[-1] == "\t{...}" and not action.startswith("error_")
    return not qualified or "t" not in value[-1] or bool(_PLAIN_T.search(data))


def play(wire, script):
    active = skip = False
    for step in script:
        kind, _, text = step.partition(" ")
        if kind == ">":
            wire.send(text)
        elif kind == "...":
            skip = True
        elif kind == "<":
            while not line_matches(text, line := wire.line(60)):
                assert (active or skip) and line.startswith(("update ", "error_update ")), f"{line!r} instead of {text!r}"
            skip = False
            active = active or text == "active"
            if '"closest_valid"' in text:
                accepts_closest(wire, line)


def accepts_closest(wire, line):
    action, specifier, (_, _, info) = harness.split(line)
    checked = wire.ask(f"check {specifier} {json.dumps(info['closest_valid'])}")
    assert harness.split(checked) == ("checked", specifier, [info["closest_valid"], {}])


@pytest.mark.parametrize(("node", "script"), list(sections()))
def test_transcript(nodes, node, script):
    assert any(step.startswith(">") for step in script)
    with nodes(node, speed=20, clients=8).connect() as wire:
        play(wire, script)


@pytest.mark.parametrize(
    ("wanted", "line", "match"),
    [
        ("reply a:b [<number>, {...}]", 'reply a:b [1, {"t": 1505396348.188}]', True),
        ("reply a:b [<number>, {...}]", "reply a:b [1.5,{}]", True),
        ("reply a:b [<number>, {...}]", 'reply a:b [1, {"t": 1.5e9}]', False),
        ("reply a:b [<number>, {...}]", 'reply a:b [1, {"t": "1505396348.188"}]', False),
        ("reply a:b [<number>, {...}]", "reply a:b [1]", False),
        ("reply a:b [<number>, {...}]", "reply a:b [true, {}]", False),
        ("reply a:b [<number>, {...}]", "reply a:c [1, {}]", False),
        ("update a:b [[<300..399>, <text>], {...}]", 'update a:b [[300, ""], {}]', True),
        ("update a:b [[<300..399>, <text>], {...}]", 'update a:b [[100, ""], {}]', False),
        ('error_do a:b ["WrongType", <text>, {}]', 'error_do a:b ["WrongType", "no", {"x": 1}]', False),
        ('describing . {"modules": {"a": {...}}}', 'describing . {"x": 1, "modules": {"a": {"y": 2}}}', True),
        ('describing . {"modules": {"a": {...}}}', 'describing . {"modules": {"a": {}, "b": {}}}', False),
        ("active", "active", True),
        ("active", "active a", False),
    ],
)
def test_the_player_sees_the_difference(wanted, line, match):
    assert line_matches(wanted, line) is match
