"""What a node says is text: whatever it is, no verb ends in a traceback, and nothing of it reaches the terminal as more."""

import asyncio
import io
import json
import math
import os
import re
import subprocess
import sys
import time
import types

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from host_tests import harness
from host_tests.tools.fake import FakeNode, structure
from tools import foreign
from tools.client import checking, completion, layout, watch
from tools.client import client as clients
from tools.client.client import Message
from tools.client.description import Description

# OSC (title, clipboard), CSI, C1's CSI, a reading direction, a line of our own, rich's and textual's markup
EVIL = "\x1b]0;title\x07 \x1b[2J\x1b[31m \x9b31m \u202eder\u2066 \x00\x08\r [/] [bold]b[/bold] [@click=app.quit]x[/] :warning:"
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def tool(*words, text="", cwd=None):
    done = subprocess.run(
        [sys.executable, "-m", "tools", *map(str, words)], input=text, capture_output=True, text=True, encoding="utf-8",
        timeout=100, env={**os.environ, "PYTHONPATH": str(harness.ROOT)}, cwd=cwd or harness.ROOT,
    )  # fmt: skip
    assert "Traceback" not in done.stderr and done.returncode in (0, 1, 2), done.stderr
    assert not _FORBIDDEN.search(done.stdout + done.stderr), ascii(done.stdout + done.stderr)
    return done


def evil_structure():
    report = structure(unit=EVIL, description=EVIL, implementation=EVIL)
    report.update({"equipment_id": EVIL, "firmware": EVIL, "description": EVIL + "\nsecond " + EVIL})
    module = report["modules"]["t"]
    module["interface_classes"] = [EVIL]
    for a in module["accessibles"].values():
        a["description"] = EVIL
    module["accessibles"]["status"]["datainfo"]["members"][0]["members"] = {EVIL: 100}
    module["accessibles"]["_c"] = {"datainfo": {"type": "string"}, "constant": EVIL}
    module["accessibles"]["_e" + EVIL] = module["accessibles"]["value"]
    report["modules"]["m" + EVIL] = module
    return report


MALFORMED = [
    {"modules": 3},
    {"modules": {"t": {"accessibles": {"target": {"datainfo": {"type": "struct", "members": [1]}, "readonly": False}}}}},
    {"modules": {"t": {"accessibles": {"target": {"datainfo": {"type": "tuple", "members": {"a": 1}}, "readonly": False}}}}},
    {"modules": {"t": {"accessibles": {"target": {"datainfo": {"type": "array"}, "readonly": False}}}}},
    {"modules": {"t": {"accessibles": {"target": {"datainfo": {"type": "enum", "members": 3}, "readonly": False}}}}},
    {"modules": {"t": {"accessibles": {"target": {"datainfo": {"type": ["double"]}, "readonly": False}}}}},
    structure(info={"type": "double", "min": "cold", "max": [1], "unit": 3, "fmtstr": "%n", "absolute_resolution": "fine"}),
    structure(info={"type": "scaled", "scale": 0, "min": None}),
    structure(info={"type": "scaled", "scale": -1e300, "min": 10**400}),
    {"timeout": 10**400, **structure()},
    {"timeout": "soon", "equipment_id": [1], **structure(interface_classes={"a": 1})},
    {"modules": {"m" * 100_000: {}, "a b": structure()["modules"]["t"], "t": structure()["modules"]["t"]}},
    evil_structure(),
]
DESCRIPTIONS = [json.dumps(report, ensure_ascii=False) for report in MALFORMED]
DESCRIPTIONS += ["[" * 100_000, "{", "[]", "null", '{"modules": NaN}', '{"modules": ' + "[" * 900 + "]" * 900 + "}"]
DATA = [
    "", "[", "[]", "{}", "null", "NaN", "[NaN, {}]", "[1e999, {}]", "[-Infinity, {}]", "[1" + "0" * 400 + ", {}]",
    "[1" + "0" * 5000 + ", {}]", '["twenty", {}]', "[[1, 2], {}]", '[{"a": 1}, {}]', "[true, {}]", '[1, {"t": 1e300}]',
    '[1, {"t": "now"}]', '[1, {"t": NaN, "e": "NaN"}]', '[1, {"t": -1e18, "e": 1e999}]', "[1, 2]", "[" * 3000,
    "[" + "[" * 300 + "]" * 300 + ", {}]", json.dumps([EVIL, {"t": EVIL}]), json.dumps([{EVIL: EVIL}, {EVIL: 1}]),
    '["\\ud800", {}]', "[" + "9" * 100 + ", {}]",
]  # fmt: skip
STATUSES = ['["BUSY", "x"]', "[300]", "300", "null", '[300, "x", 1]', '[NaN, "x"]', '[true, ""]', '[1e999, ""]', "[[], {}]"]


# ---- the verbs


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=range(len(DESCRIPTIONS)))
def test_descriptions(description, tmp_path):
    """A description that makes no sense: what is sound of it is used, and the verbs that need one say what is wrong."""
    (tmp_path / "points.csv").write_text("1\n2\n")
    with FakeNode({"describe": "describing . " + description}) as node:
        tool("talk", node.address, text="describe\nread t:value\ncheck t:target 1\nping x\n")
        assert tool("check", "t:target", "1", "--address", node.address).returncode == 0
        tool("scan", "points.csv", "--module", "t", "--address", node.address, cwd=tmp_path)


def test_all_that_is_evil_in_every_message():
    words = EVIL.replace(" ", "_")
    lines = [f"{action} t:value {data}" for action in ("update", "reply", "changed", "checked", "done") for data in DATA]
    lines += [f"error_read t:value {data}" for data in (*DATA, json.dumps([EVIL, EVIL, {"closest_valid": EVIL, "t": EVIL}]))]
    lines += [f"log t:{words} {json.dumps(EVIL)}", f"helping {words} {json.dumps(EVIL)}", f"logging {words} {json.dumps(EVIL)}"]
    lines += [
        f"{words} {words} {EVIL}",
        EVIL,
        f"active {words}",
        f"pong {words} {json.dumps([EVIL, {}])}",
        "ISSE,SECoP," + EVIL,
    ]
    lines += ["\ufffd", "\x00", *(f"update t:status [{status}, {{}}]" for status in STATUSES)]
    description = "describing . " + json.dumps(evil_structure())
    lines = [line.replace("\n", "").replace("\r", "") for line in lines]
    with FakeNode({"ping 1": "\n".join([*lines, "pong 1 [null, {}]"]), "describe": description}) as node:
        done = tool("talk", node.address, text="ping 1\nping 2\n")
        assert done.stdout.splitlines()[-1].split()[-2:] == ["pong", "2"] and "was lost" not in done.stderr, done.stderr
        # as on the wire, for a program: unless somebody looks at it
        raw = subprocess.run(
            [sys.executable, "-m", "tools", "talk", "--raw", node.address], input=b"ping 1\n", capture_output=True,
            cwd=harness.ROOT, timeout=60,
        ).stdout  # fmt: skip
        assert b"\x1b]0;title" in raw


@pytest.mark.parametrize("answer", [f"checked t:target {data}" for data in DATA] + [
    "error_check t:target " + json.dumps([EVIL, EVIL, {"closest_valid": {EVIL: [EVIL]}}]), "error_check t:target 3",
], ids=range(len(DATA) + 2))  # fmt: skip
def test_check(answer):
    with FakeNode({"check": answer}) as node:
        tool("check", "t:target", "1", "--address", node.address)


def scan(node, folder, points="1\n2\n", *words):
    (folder / "points.csv").write_text(points)
    return tool("scan", "points.csv", "--module", "t", "--address", node.address, *words, cwd=folder)


@pytest.mark.parametrize("status", STATUSES)
def test_scan_with_a_status_that_is_none(status, tmp_path):
    with FakeNode({"read t:status": f"reply t:status [{status}, {{}}]"}) as node:
        done = scan(node, tmp_path)
        assert (
            done.returncode == 2 and re.search(r"\bt\b.*\bstatus\b|\bstatus\b.*\bt\b", done.stderr) and "stopped" in done.stderr
        )
        assert "do t:stop" in node.heard and "change t:target 2" not in node.heard


@pytest.mark.parametrize("data", DATA, ids=range(len(DATA)))
def test_scan_with_values_of_every_kind(data, tmp_path):
    """A row is written, or the module is stopped."""
    with FakeNode({"read t:value": f"reply t:value {data}"}) as node:
        done = scan(node, tmp_path, "1\n2\n", "--also", "t:value")
        assert ("do t:stop" in node.heard) == (done.returncode != 0), done.stderr
        if done.returncode == 0:
            assert len((tmp_path / "points-scan.csv").read_text().splitlines()) == 3


def test_scan_shows_a_status_text_as_it_is(tmp_path):
    """Markup, escape sequences and formulas in what a module says."""
    busy = [2]

    def read(line):
        busy[0] -= 1
        text = EVIL if busy[0] > 0 else "=cmd|' /C calc'!A0"
        return f"reply t:status [{json.dumps([300 if busy[0] > 0 else 100, text])}, {{}}]"

    def also(line, say):
        if line == "read t:status":
            time.sleep(0.3)
            say("update t:status [[100, \"=cmd|' /C calc'!A0\"], {}]")

    with FakeNode({"read t:status": read}, also=also) as node:
        assert scan(node, tmp_path, "1\n").returncode == 0
    table = (tmp_path / "points-scan.csv").read_text()
    assert ",'=cmd|' /C calc'!A0" in table


# ---- the library under them


def test_a_listener_that_fails_says_so_and_harms_nobody():
    told, heard = [], []

    def broken(message):
        raise ValueError("no such thing")

    async def what(address):
        client = await clients.connect(address, tell=told.append)
        try:
            client.listeners += [broken, lambda message: heard.append(message.line)]
            for i in range(3):
                await client.request("ping", str(i))
        finally:
            await client.close()

    with FakeNode() as node:
        asyncio.run(what(node.address))
    assert [line.split(" ")[1] for line in heard] == ["0", "1", "2"]
    assert len(told) == 1 and "broken" in told[0] and "ValueError: no such thing" in told[0] and "pong 0" in told[0]


def test_a_mistake_of_ours_ends_the_connection_in_words(monkeypatch):
    async def what(address):
        client = await clients.connect(address)
        monkeypatch.setattr(client, "_asked", lambda message: 1 // 0)
        with pytest.raises(clients.ConnectionProblem, match="ZeroDivisionError"):
            await client.request("ping", "1")
        await client.close()

    with FakeNode() as node:
        asyncio.run(what(node.address))


def parts(thing):
    yield thing
    for part in thing if isinstance(thing, list) else [*thing, *thing.values()] if isinstance(thing, dict) else []:
        yield from parts(part)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([EVIL, 10**400, 1e300, "type", "double"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.text() | anything.map(json.dumps))
@example('{"\\u001b": ["\\u202e", NaN, 1e999, "\\u0085\\n"]}')
def test_what_is_loaded_is_harmless(text):
    try:
        found = foreign.load(text)
    except ValueError:
        return
    for part in parts(found):
        if isinstance(part, str):
            assert all(c.isprintable() or c == "\n" for c in part)
        if isinstance(part, (int, float)):
            assert math.isfinite(float(part))
    json.dumps(found, allow_nan=False).encode()


infos = st.fixed_dictionaries(
    {"type": st.sampled_from("double scaled int bool enum string blob array tuple struct matrix command".split())},
    optional=dict.fromkeys((
        "min", "max", "scale", "unit", "fmtstr", "members", "maxlen", "minlen", "maxchars", "optional", "names", "elementtype",
        "argument", "result", "absolute_resolution",
    ), anything),
)  # fmt: skip
accessibles = st.fixed_dictionaries({}, optional={
    "datainfo": infos | anything, "readonly": anything, "constant": anything, "checkable": anything, "description": anything,
})  # fmt: skip
modules = st.fixed_dictionaries({}, optional={
    "accessibles": st.dictionaries(st.sampled_from(["value", "status", "target", "x", EVIL]), accessibles) | anything,
    "interface_classes": anything, "description": anything,
})  # fmt: skip
reports = st.fixed_dictionaries({}, optional={
    "modules": st.dictionaries(st.sampled_from(["t", "m", EVIL]), modules) | anything,
    "equipment_id": anything, "description": anything, "firmware": anything, "timeout": anything,
})  # fmt: skip
actions = st.sampled_from(
    ["update", "reply", "changed", "done", "checked", "error_update", "error_read", "log", "pong", "helping"]
)
specifiers = st.sampled_from(["t:value", "t:status", "t:target", "t:x", "t", "m:value", "", EVIL.replace(" ", "")])


def rendered(thing):
    console = Console(file=io.StringIO(), width=100, color_system=None, markup=False, emoji=False)
    console.print(thing)
    return console.file.getvalue()


@given(reports, actions, specifiers, anything)
def test_whatever_is_described_and_sent_can_be_shown(report, action, specifier, data):
    report = Message.parse("describing . " + json.dumps(report)).data
    description = Description(report)
    message = Message.parse(f"{action} {specifier} {json.dumps([data, {'t': data, 'e': data}])}")
    things = [
        layout.message_text(message, description),
        layout.description_table(description),
        layout.greeting(description, "n"),
    ]
    texts = [rendered(thing) for thing in things]
    for line in ("", "read ", "change t:x ", "do t", "check t:target ", "logging t "):
        texts += [text for found in completion.candidates(description, line) for text in found]
        texts.append(completion.hint(description, line + "t:x"))
    for text in texts:
        assert not _FORBIDDEN.search(text.replace("\n", "")), ascii(text)
    assert description.timeout >= 0 and isinstance(description.unit("t"), str)


@given(reports, st.lists(st.tuples(actions, specifiers, anything), max_size=6))
@example(
    structure(), [(action, "t:value", data) for action in ("update", "error_update") for data in (1e300, 3, {"t": 1e300}, [])]
)
def test_whatever_is_sent_can_be_watched_and_logged(report, messages):
    node = watch.Watch("nowhere")
    node.client = types.SimpleNamespace(description=Description(Message.parse("describing . " + json.dumps(report)).data))
    log = watch.Log.__new__(watch.Log)
    log._file, log.rows, log.failed = io.StringIO(), 0, None
    log._rows = watch.csv.writer(log._file)
    node._log = log
    for action, specifier, data in messages:
        node._take(Message.parse(f"{action} {specifier} {json.dumps([data, {'t': data}])}"))
        node._take(Message.parse(f"{action} {specifier} {json.dumps(data)}"))
    assert log.failed is None
    for curve in node.curves.values():
        assert all(math.isfinite(value) for _, value in curve)


@given(anything)
def test_a_verdict_is_in_words(data):
    error = Message.parse("error_check t:target " + json.dumps(["Impossible", "no", {"closest_valid": data}])).error
    checking.Verdict(error=error).words("t:target").encode()


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-5", "-5"), ("+2.5e3", "+2.5e3"), ("-x", "'-x"), (-5, -5), ("a=b", "a=b")],
)
def test_no_text_is_a_formula(value, cell):
    assert foreign.cell(value) == cell
