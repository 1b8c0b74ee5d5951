"""`secnode monitor` as a person meets it: the view without a terminal, over TCP and a serial line; and the file it writes."""

import asyncio
import collections
import csv
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from datetime import datetime

import pytest
from textual.widgets import DataTable, Input, Static
from textual_plotext import PlotextPlot

from host_tests import harness
from host_tests.tools.fake import FakeNode
from host_tests.tools.test_hostile_node import DATA, EVIL, MALFORMED, STATUSES
from tools.client import axis, watch
from tools.client.screen import Change, Monitor
from tools.emulator import host, ports
from tools.problem import Problem

PATIENCE = 60  # s


@pytest.fixture(scope="module")
def heater():
    node = harness.NodeProcess("cpython", "example_heater", speed=2)
    yield node
    node.stop()


@pytest.fixture
def view():
    """view(address, what, log=None, module=None) runs what(app, pilot) with the view of a node."""

    def run(address, what, log=None, module=None):
        async def whole():
            node = watch.Watch(address, log=log)
            try:
                await node.connect()
                app = Monitor(node, log, module)
                async with app.run_test(size=(120, 36)) as pilot:
                    return await what(app, pilot)
            finally:
                await node.close()

        return asyncio.run(whole())

    return run


async def until(pilot, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it does not come to this"
        await pilot.pause(0.05)


def cell(app, module, column):
    return str(app.query_one("#modules", DataTable).get_cell(module, column))


def caption(app):
    return str(app.query_one("#caption", Static).render())


def answer(app):
    return str(app.screen.query_one("#answer", Static).render())


async def ask_for(app, pilot, text):
    """Type a target, up to the node's answer."""
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, Change))
    await retype(app, pilot, text)


async def retype(app, pilot, text):
    app.screen.query_one(Input).value = text
    before = answer(app)
    await pilot.press("enter")
    await until(pilot, lambda: answer(app) != before)


# ---- what is to be seen


def test_all_modules_with_values_and_a_plot(heater, view):
    async def what(app, pilot):
        await until(pilot, lambda: "°C" in cell(app, "outside", "value") and "°C" in cell(app, "heater", "value"))
        assert cell(app, "outside", "status").startswith("IDLE") and cell(app, "outside", "target") == ""
        assert app.module == "heater"  # the one that can be driven
        await until(pilot, lambda: "heater / °C" in caption(app))
        parameters = app.query_one("#parameters", DataTable)
        await until(pilot, lambda: "_maxheaterpower" in parameters.rows)
        assert str(parameters.get_cell("_maxheaterpower", "value")) == "50 W"
        first = cell(app, "heater", "value")
        await until(pilot, lambda: cell(app, "heater", "value") != first)  # it is alive
        return str(app.query_one("#about", Static).render())

    assert "example_org.example_heater" in view(heater.uri, what)


def test_another_module(heater, view):
    async def what(app, pilot):
        await pilot.press("up")
        await until(pilot, lambda: app.module == "outside")
        await until(pilot, lambda: "outside / °C" in caption(app))
        await pilot.press("t")
        await until(pilot, lambda: "outside has no target" in str(app.query_one("#state", Static).render()))
        await pilot.press("s")
        await until(pilot, lambda: "outside has nothing to stop" in str(app.query_one("#state", Static).render()))

    view(heater.uri, what)


def test_the_module_that_was_asked_for(heater, view):
    async def what(app, pilot):
        await until(pilot, lambda: "outside / °C" in caption(app))

    view(heater.uri, what, module="outside")


def test_a_vector_is_plotted_by_its_components(view):
    node = harness.NodeProcess("cpython", "vector_magnet", speed=20)
    try:

        async def what(app, pilot):
            await until(pilot, lambda: "value[2]" in caption(app))
            await ask_for(app, pilot, "[1, 2, 2.5]")
            assert answer(app).startswith("no, ") and harness.mentions(answer(app), "[0.8, 1.6, 2.0]", "Tab")
            assert app.screen.asked is None
            await pilot.press("tab")
            await until(pilot, lambda: app.screen.query_one(Input).value == "[0.8, 1.6, 2.0]")
            await retype(app, pilot, "[0.8, 1.6, 2.0]")
            assert "yes: mf:target would be" in answer(app)
            await pilot.press("escape")
            await pilot.press("down")
            await until(pilot, lambda: app.module == "cryo")
            await ask_for(app, pilot, "4.5")
            assert "can't be checked" in answer(app)
            await pilot.press("enter")
            await until(pilot, lambda: "4.5" in cell(app, "cryo", "target"))

        view(node.uri, what)
    finally:
        node.stop()


# ---- changing a target


def test_a_target_is_checked_first_and_changed_by_the_second_enter(heater, view):
    async def what(app, pilot):
        before = cell(app, "heater", "target")
        await ask_for(app, pilot, "45")
        assert answer(app).startswith("yes: heater:target would be 45")
        with heater.connect() as wire:
            assert wire.ask("read heater:target").split("[")[1].split(",")[0] != "45.0"
        assert cell(app, "heater", "target") == before
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, Change))
        await until(pilot, lambda: cell(app, "heater", "target") == "45 °C")
        await until(pilot, lambda: "heater:target is 45 °C" in str(app.query_one("#state", Static).render()))
        await until(pilot, lambda: "target" in caption(app))
        await pilot.press("s")
        await until(pilot, lambda: "stopped" in cell(app, "heater", "status"))

    view(heater.uri, what)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("500", "never, it is out of range"),
        ('"warm"', "never, it is of the wrong type"),
        ("[1", "is not JSON"),
        ("1e999", "is not JSON"),
        ("null", "never"),
    ],
)
def test_a_target_that_is_refused_is_not_changed(heater, view, text, words):
    async def what(app, pilot):
        before = cell(app, "heater", "target")
        await ask_for(app, pilot, text)
        assert words in answer(app) and app.screen.asked is None
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Change))
        assert cell(app, "heater", "target") == before

    view(heater.uri, what)


def test_another_text_is_asked_for_anew(heater, view):
    async def what(app, pilot):
        await ask_for(app, pilot, "30")
        assert "yes" in answer(app)
        await retype(app, pilot, "300")
        assert "never" in answer(app) and isinstance(app.screen, Change)

    view(heater.uri, what)


def test_a_node_that_does_not_answer_is_not_waited_for(heater, view):
    """Esc leaves the dialog at once, and what comes later does no harm."""

    async def what(app, pilot):
        asked, answered = asyncio.Event(), asyncio.Event()
        real = app.node.client.request

        async def request(*args, **kwds):
            asked.set()
            await answered.wait()
            return await real(*args, **kwds)

        app.node.client.request = request
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, Change))
        app.screen.query_one(Input).value = "40"
        await pilot.press("enter")
        await until(pilot, asked.is_set)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Change))
        answered.set()
        app.node.client.request = real
        first = cell(app, "heater", "value")
        await until(pilot, lambda: cell(app, "heater", "value") != first)

    view(heater.uri, what)


def test_a_connection_that_is_lost_in_the_dialog_is_told_there(view):
    node = harness.NodeProcess("cpython", "example_heater")
    try:

        async def what(app, pilot):
            await ask_for(app, pilot, "40")
            await asyncio.to_thread(node.stop)
            await until(pilot, lambda: not app.node.there)
            await retype(app, pilot, "41")
            assert "closed" in answer(app) or "lost" in answer(app), answer(app)

        view(node.uri, what)
    finally:
        node.stop()


# ---- everything else that can be changed, done and read


def state(app):
    return str(app.query_one("#state", Static).render())


async def open_dialog(app, pilot, name):
    """Choose an accessible of the module with the keyboard, and press Enter."""
    table = app.query_one("#parameters", DataTable)
    await until(pilot, lambda: name in table.rows)
    if app.focused is not table:
        await pilot.press("p")
    for _ in range(table.row_count):
        if app.chosen == name and table.cursor_row == table.get_row_index(name):
            break
        await pilot.press("down" if table.get_row_index(name) > table.cursor_row else "up")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, Change) and app.screen.query("#answer"))


def test_any_parameter_can_be_changed_and_commands_done(view):
    node = harness.NodeProcess("cpython", "oven", speed=5)
    try:

        async def what(app, pilot):
            await open_dialog(app, pilot, "_tolerance")
            await retype(app, pilot, "0.75")
            assert "can't be checked" in answer(app)
            await pilot.press("enter")
            await until(pilot, lambda: "heater:_tolerance is 0.75 K" in state(app))
            await open_dialog(app, pilot, "_tolerance")
            await retype(app, pilot, "-3")
            before = answer(app)
            await pilot.press("enter")
            await until(pilot, lambda: answer(app) != before)
            assert answer(app).startswith("RangeError: ")
            await pilot.press("escape")
            await open_dialog(app, pilot, "target_limits")
            await retype(app, pilot, "[10, 90]")
            await pilot.press("enter")
            await until(pilot, lambda: "heater:target_limits is (10 °C, 90 °C)" in state(app))
            # a command without an argument, and one with
            await open_dialog(app, pilot, "hold")
            assert not app.screen.query(Input)
            before = answer(app)
            await pilot.press("enter")
            await until(pilot, lambda: answer(app) != before)
            await pilot.press("enter")
            await until(pilot, lambda: "heater:hold is done" in state(app))
            await open_dialog(app, pilot, "_autotune")
            await retype(app, pilot, "500")
            assert "never" in answer(app) or "can't be checked" in answer(app)
            await pilot.press("escape")
            # what can't be changed is shown
            await open_dialog(app, pilot, "_jitter")
            assert "can't be changed" in answer(app) and not app.screen.query(Input)
            await pilot.press("enter", "escape")
            await until(pilot, lambda: not isinstance(app.screen, Change))

        view(node.uri, what)
    finally:
        node.stop()


def detail(app):
    return str(app.detail.render())


def test_error_texts_can_be_read_whole(view):
    text = "the sensor at the block answers nothing, " * 4 + "[/] [bold]\x1b[31m: look at its plug"
    shown = text.replace("\x1b", "\\x1b")
    error = f"error_update t:value {json.dumps(['HardwareError', text, {}])}"
    status = f"update t:status [{json.dumps([400, text])}, {{}}]"
    with FakeNode({"activate": f"{error}\n{status}\nactive"}) as node:

        async def what(app, pilot):
            await until(pilot, lambda: detail(app).count("look at its plug") == 2)
            assert f"t:value HardwareError: {shown}" in detail(app)
            assert re.search(rf"t:status 400 \(.*\) {re.escape(shown)}", detail(app))
            await open_dialog(app, pilot, "value")
            now = str(app.screen.query_one("#now Static", Static).render())
            assert shown in now

        view(node.address, what)


@pytest.mark.parametrize("description", MALFORMED[1:], ids=range(1, len(MALFORMED)))
def test_whatever_a_node_says_is_shown(description, view):
    lines = [f"update t:{name} {data}" for name in ("value", "target", "status") for data in DATA]
    lines += [f"update t:status [{status}, {{}}]" for status in STATUSES]
    lines += ["error_update t:value 3", "error_update t:value " + json.dumps([EVIL, EVIL, {"t": 1e300}]), "active"]
    description = json.loads(json.dumps(description))
    with FakeNode({"activate": "\n".join(lines)}, description) as node:

        async def what(app, pilot):
            await pilot.pause(0.6)
            assert app.node.there and "was lost" not in app.node.state
            for key in ("p", "down", "enter", "1", "enter", "escape", "p", "t", "1", "enter", "escape", "s", "plus"):
                await pilot.press(key)
            await pilot.pause(0.4)
            assert "\x1b" not in str(app.query_one("#about", Static).render()) + caption(app) + detail(app) + state(app)

        view(node.address, what)


VALUES = [[25.0, 25.004, 24.997], [25.0], [0.0], [1e-12, 1.00001e-12], [-1e90, 1e90], [1e6, 1e6 + 1]]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20)])
def test_the_labels_of_the_plot_are_apart_and_differ(size):
    async def whole(address):
        found = []
        node = watch.Watch(address)
        try:
            await node.connect()
            app = Monitor(node)
            async with app.run_test(size=size) as pilot:
                key = "t", "value", 0
                for values in VALUES:
                    node.curves[key] = collections.deque((time.time() - 5 + i, v) for i, v in enumerate(values))
                    await pilot.pause(0.6)
                    plot = app.query_one("#plot", PlotextPlot).plt
                    found.append(plot.uncolorize(plot.build()))
        finally:
            await node.close()
        return found

    with FakeNode() as node:
        pictures = asyncio.run(whole(node.address))
    for values, picture in zip(VALUES, pictures, strict=True):
        labels = [line.partition("┤")[0].strip() for line in picture.splitlines() if "┤" in line]
        assert len(labels) >= 2 and len(set(labels)) == len(labels), picture
        numbers = [float(label) for label in labels]
        assert numbers == sorted(numbers, reverse=True) and numbers[-1] <= min(values) and max(values) <= numbers[0], picture
        bottom = [line for line in picture.splitlines() if " s" in line or " min" in line][-1]
        assert re.fullmatch(r"\s*(-?[\d.]+ (s|min)\s+)+0 (s|min)\s*", bottom + " "), picture


@pytest.mark.parametrize(
    ("info", "value", "least"),
    [
        ({"type": "double", "absolute_resolution": 0.5}, 25.0, 0.5),
        ({"type": "double", "fmtstr": "%.1f"}, 25.0, 0.1),
        ({"type": "double", "fmtstr": "%.3e"}, 25.0, 0.01),
        ({"type": "double"}, 25.0, 0.0001),
        ({"type": "scaled", "scale": 0.25}, 25.0, 0.25),
        ({"type": "int"}, 25, 1),
        ({"type": "array", "members": {"type": "int"}}, 25, 1),
        ({"type": "double", "fmtstr": "nonsense"}, 0.0, 1e-5),
    ],
)
def test_a_scale_is_not_finer_than_the_resolution(info, value, least):
    assert axis.resolution(info, value) == pytest.approx(least)
    marks = axis.ticks(value, value, axis.resolution(info, value), 6)
    assert marks[-1][0] - marks[0][0] >= 10 * least * 0.999


# ---- nodes that go and come


def test_survives_a_restart_of_the_node(view, tmp_path):
    node = harness.NodeProcess("cpython", "outside")
    log = watch.Log(tmp_path / "log.csv")
    try:

        async def what(app, pilot):
            await until(pilot, lambda: "C" in cell(app, "outside", "value"))
            await asyncio.to_thread(node.stop)
            await until(pilot, lambda: not app.node.there)
            await until(pilot, lambda: "not connected" in str(app.query_one("#about", Static).render()))
            await until(pilot, lambda: "trying again" in str(app.query_one("#state", Static).render()))
            rows = log.rows
            await asyncio.to_thread(node.start)
            await until(pilot, lambda: app.node.there and log.rows > rows + 1)
            await until(pilot, lambda: "not connected" not in str(app.query_one("#about", Static).render()))

        view(node.uri, what, log)
    finally:
        log.close()
        node.stop()


@pytest.mark.parametrize("kind", ["uart", "usb"])
def test_a_serial_line(view, kind, monkeypatch):
    """And a node on it that starts anew, which can't close it."""
    monkeypatch.setattr(watch, "_SILENT", 2)  # a console says nothing of it until it is asked
    line = ports.Uart() if kind == "uart" else ports.Console()
    node = harness.NodeProcess("micropython", "outside", **{kind: line})
    try:

        async def what(app, pilot):
            await until(pilot, lambda: "C" in cell(app, "outside", "value"))
            await asyncio.to_thread(node.stop)
            await asyncio.to_thread(node.start)
            app.node.readings.clear()
            await until(pilot, lambda: ("outside", "value") in app.node.readings)

        view(line.name, what)
    finally:
        node.stop()
        line.close()


# ---- the file


def test_csv(heater, view, tmp_path):
    path = tmp_path / "log.csv"
    log = watch.Log(path)

    async def what(app, pilot):
        await until(pilot, lambda: log.rows > 15)
        await until(pilot, lambda: f"{log.rows} rows" in str(app.query_one("#about", Static).render()))

    view(heater.uri, what, log)
    log.close()
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == log.rows
    values = [row for row in rows if (row["module"], row["parameter"]) == ("heater", "value")]
    assert len(values) > 1 and all(float(row["value"]) > 0 and row["unit"] == "°C" and not row["error"] for row in values)
    age = time.time() - datetime.fromisoformat(values[-1]["time"]).timestamp()
    assert -60 < age < 600
    assert [row for row in rows if row["parameter"] == "status"][0]["value"].startswith("[")


def test_errors_are_in_the_file_too(tmp_path, view):
    node = harness.NodeProcess("cpython", "outside", console=True)
    log = watch.Log(tmp_path / "log.csv")
    try:

        async def what(app, pilot):
            await until(pilot, lambda: "C" in cell(app, "outside", "value"))

        view(node.uri, what, log)
    finally:
        log.close()
        node.stop()
    reading = watch.Reading(None, watch.clients.SECoPError("HardwareError", "the wire is open", {}), 0.0)
    log = watch.Log(tmp_path / "errors.csv")
    log.row("outside", "value", reading, {"type": "double"})
    log.row("outside", "value", watch.Reading(273, None, 1.5), {"type": "scaled", "scale": 0.1, "unit": "K"})
    log.row("outside", "text", watch.Reading('a "b",\nc', None, 1.5), {"type": "string"})
    log.close()
    with open(log.path, newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    assert rows[1] == ["1970-01-01T00:00:00.000Z", "outside", "value", "", "", "HardwareError: the wire is open"]
    assert rows[2] == ["1970-01-01T00:00:01.500Z", "outside", "value", "27.3", "K", ""]
    assert rows[3][3] == 'a "b",\nc'


def test_a_file_that_is_there_stays(tmp_path):
    (tmp_path / "log.csv").write_text("mine")
    with pytest.raises(Problem, match="is there already"):
        watch.Log(tmp_path / "log.csv")
    with pytest.raises(Problem, match="can't be written"):
        watch.Log(tmp_path / "no" / "log.csv")
    assert (tmp_path / "log.csv").read_text() == "mine"


def test_a_file_with_nothing_but_our_heading_is_no_obstacle(tmp_path):
    """It is what is left where the node could not be reached."""
    path = tmp_path / "log.csv"
    for begin in (None, "", "time,module,parameter,value,unit,error\r\n"):
        if begin is not None:
            path.write_text(begin, newline="")
        log = watch.Log(path)
        log.row("t", "value", watch.Reading("=1+1", None, 0.0), {"type": "string"})
        log.close()
        assert path.read_text().splitlines()[1] == "1970-01-01T00:00:00.000Z,t,value,'=1+1,,"
        with pytest.raises(Problem, match="is there already"):
            watch.Log(path)
        path.unlink()


def test_a_disk_that_is_full_does_not_end_the_view(heater, view):
    log = watch.Log("/dev/full") if not os.path.exists("/dev/full") else None
    if log is None:
        log = watch.Log.__new__(watch.Log)
        log._file = open("/dev/full", "w")
        log._rows, log.rows, log.failed, log.path = csv.writer(log._file), 0, None, "log.csv"

    async def what(app, pilot):
        await until(pilot, lambda: "FAILED: " in str(app.query_one("#about", Static).render()))

    view(heater.uri, what, log)


# ---- the command


def secnode(*words):
    return subprocess.run(
        [sys.executable, "-m", "tools", "monitor", *words], cwd=harness.ROOT, capture_output=True, text=True, timeout=PATIENCE
    )


def test_needs_a_terminal():
    done = secnode()
    assert (
        done.returncode == 2 and harness.mentions(done.stderr, "terminal", "`secnode talk`") and "Traceback" not in done.stderr
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["127.0.0.1:1"], "nothing listens at 127.0.0.1:1"),
        (["127.0.0.1:x"], "is no address"),
        (["/dev/ttyNIX"], "there is no port /dev/ttyNIX"),
        (["NODE", "--module", "nix"], "has no module nix: it has outside, heater"),
        (["NODE"], "example_org.example_heater"),
    ],
)
def test_at_a_terminal(heater, words, said):
    end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools", "monitor", *[heater.uri if word == "NODE" else word for word in words]],
        cwd=harness.ROOT, stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=host.die_with_parent,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "36"},
    )  # fmt: skip
    os.close(terminal)
    came, deadline = b"", time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            if select.select([end], [], [], 0.1)[0]:
                try:
                    came += os.read(end, 65536)
                except OSError:
                    break
            if said.encode() in came and words == ["NODE"]:
                os.write(end, b"q")
        code = process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
        os.close(end)
    assert said.encode() in came and b"Traceback" not in came, came
    assert code == (0 if words == ["NODE"] else 2)
