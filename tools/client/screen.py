"""What `secnode monitor` shows: the modules, the accessibles of one, its plot, and a dialog to change one of them."""

import json
import time

from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Label, Static
from textual_plotext import PlotextPlot

from ..foreign import is_number
from ..problem import Problem
from . import axis, checking, layout
from . import client as clients
from .description import datainfo, fits, is_command, is_constant

_REDRAW = 0.25  # s
_CELL = 200  # characters of a value in a table
_LONG = 10_000  # characters where all of it is shown
_SPANS = (60, 300, 900, 3600)  # s
_COLOURS = {"target": "orange", "setpoint": "gray", "value": "cyan"}
_OTHERS = ("cyan", "magenta", "green")  # of the components of a vector
_STYLES = {"orange": "orange1", "gray": "bright_black", "cyan": "cyan", "magenta": "magenta", "green": "green"}  # rich's names
_STATUS = ((400, "bold red"), (300, "yellow"), (200, "magenta"), (100, "green"))


class Monitor(App):
    """The view of a watch.Watch."""

    TITLE = "secnode monitor"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #about { height: 1; padding: 0 1; background: $primary-background; }
    #modules { height: auto; max-height: 12; margin: 1 1 0 1; overflow-x: hidden; }
    #below { height: 1fr; margin: 1 1 0 1; }
    #parameters { width: 42%; max-width: 46; height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    #caption { height: 1; padding: 0 1; }
    #plot { width: 1fr; height: 1fr; }
    #detail { height: auto; max-height: 6; margin: 0 1; padding: 0 1; }
    #state { height: 1; padding: 0 1; color: $text-muted; }
    Change { align: center middle; }
    Change > Vertical { width: 76; height: auto; max-height: 24; padding: 1 2; border: round $primary; background: $surface; }
    Change Label { width: 100%; }
    Change #now { height: auto; max-height: 12; color: $text-muted; }
    Change Input { margin: 1 0; }
    """
    BINDINGS = [
        Binding("t", "target", "target"),
        Binding("s", "stop", "stop"),
        Binding("p", "switch", "parameters and commands", key_display="p, Tab"),
        Binding("plus,equals_sign", "span(1)", "more time", key_display="+"),
        Binding("minus", "span(-1)", "less time", key_display="-"),
        Binding("q,ctrl+c", "quit", "quit", priority=False, key_display="q"),
    ]

    def __init__(self, node, log=None, module=None):
        super().__init__()
        self.node = node
        self.log_file = log
        modules = list(node.description.modules)
        driven = [m for m in modules if "target" in node.description.accessibles(m)]
        self.module = module or (driven + modules or [""])[0]
        self.said = ""
        # by hand, not looked for: at the end they are gone before the timer is
        self.about = Static(id="about")
        self.modules = DataTable(id="modules", cursor_type="row", zebra_stripes=True)
        self.parameters = DataTable(id="parameters", cursor_type="row", show_header=False)
        self.chosen = ""  # of the accessible that is chosen
        self.caption = Static(id="caption")
        self.detail = Static()
        self.plot = PlotextPlot(id="plot")
        self.state = Static(id="state")
        self._span = 1
        self._stale = True
        self._shown = None  # the description and the module that the tables are laid out for

    def compose(self):
        yield self.about
        yield self.modules
        with Horizontal(id="below"):
            yield self.parameters
            with Vertical():
                yield self.caption
                yield self.plot
        with VerticalScroll(id="detail", can_focus=False):
            yield self.detail
        yield self.state
        yield Footer()

    def on_mount(self):
        self.node.changed = self._note
        self.run_worker(self.node.run(), exit_on_error=True)
        self.set_interval(_REDRAW, self._refresh)
        self._refresh()
        self.modules.focus()

    def on_unmount(self):
        self.node.changed = lambda: None

    def _note(self):
        self._stale = True

    # ---- drawing

    def _refresh(self):
        if not self.plot.is_attached:
            return
        if not self._stale and self.node.there:
            self._draw_plot()  # time goes on
            return
        self._stale = False
        report = self.node.description
        if self._shown is None or self._shown[0] != report.report:
            self._lay_out_modules(report)
        if self._shown[1] != self.module:
            self._lay_out_parameters(report)
        self._draw_about(report)
        self._draw_modules(report)
        self._draw_parameters()
        self._draw_detail()
        self._draw_plot()

    def _lay_out_modules(self, report):
        table = self.modules
        table.clear(columns=True)
        for key, width in (("module", 18), ("value", 14), ("target", 14), ("status", 40)):
            table.add_column(key, key=key, width=width)
        if self.module not in report.modules:
            self.module = next(iter(report.modules), "")
        for name in report.modules:
            table.add_row(Text(name), "", "", "", key=name)
        if self.module in report.modules:
            table.move_cursor(row=list(report.modules).index(self.module))
        self._shown = (report.report, None)

    def _lay_out_parameters(self, report):
        table = self.parameters
        table.clear(columns=True)
        table.add_column("name", key="name", width=18)
        table.add_column("value", key="value", width=24)
        for name, accessible in report.accessibles(self.module).items():
            style = "" if any(fits(accessible, action) for action in ("change", "do")) else "dim"
            what = Text(layout.type_text(datainfo(accessible)), "dim") if is_command(accessible) else ""
            table.add_row(Text(name, style), what, key=name)
        self._shown = (self._shown[0], self.module)

    def _draw_about(self, report):
        text = Text(layout.clean(report.text("equipment_id")), "bold")
        text.append(f"  {layout.clean(self.node.client.name)}", "dim")
        text.append("  ")
        text.append("●" if self.node.there else "○ not connected", "green" if self.node.there else "bold red")
        if self.log_file:
            failed = self.log_file.failed
            said = f"  {self.log_file.path}: " + (f"FAILED: {failed}" if failed else f"{self.log_file.rows} rows")
            text.append(said, "bold red" if failed else "dim")
        self.about.update(text)
        state = self.said if self.said and self.node.there else self.node.state
        self.state.update(Text(layout.clean(state), "" if self.node.there else "bold red"))

    def _draw_modules(self, report):
        table = self.modules
        for module in report.modules:
            found = {name: (info, reading) for name, info, reading in self.node.parameters(module)}
            for column in ("value", "target", "status"):
                cell = self._text(*found[column], column) if column in found else Text("")
                table.update_cell(module, column, cell if self.node.there else _dimmed(cell))

    def _draw_parameters(self):
        table = self.parameters
        for name, accessible, reading in self.node.parameters(self.module):
            table.update_cell(name, "value", self._text(accessible, reading, name))

    @staticmethod
    def _text(accessible, reading, name):
        if reading is None:
            return Text("")
        style = "bold red" if reading.error else ""
        if name == "status" and isinstance(reading.value, list) and reading.value:
            code = reading.value[0]
            style = next((s for least, s in _STATUS if isinstance(code, int) and code >= least), "dim")
        return Text(_reading_text(reading, datainfo(accessible), name)[:_CELL], style)

    def _draw_plot(self):
        plot = self.plot
        plt = plot.plt
        plt.clear_figure()
        now, span = time.time(), _SPANS[self._span]
        oldest = min([curve[0][0] for key, curve in self.node.curves.items() if key[0] == self.module], default=now)
        span = next((s for s in _SPANS if s >= now - oldest), span) if now - oldest < span else span
        info = datainfo(self.node.description.accessibles(self.module).get("value", {}))
        caption = Text(self.module, "bold")
        unit = layout.clean(self.node.description.unit(self.module))
        caption.append(f" / {unit}" if unit else "")
        values = []
        for (module, name, i), curve in sorted(self.node.curves.items(), key=_order):
            if module != self.module:
                continue
            points = [(t - now, v) for t, v in curve if t >= now - span]
            before = next((v for t, v in reversed(curve) if t < now - span), None)
            if before is not None:
                points.insert(0, (-span, before))
            if points:
                points.append((0.0, points[-1][1]))  # it holds until another one comes
                x, y = zip(*(_steps(points) if name != "value" else points), strict=True)
                label = name + (f"[{i}]" if (module, name, 1) in self.node.curves else "")
                colour = _COLOURS[name] if i == 0 else _OTHERS[i % len(_OTHERS)]
                plt.plot(x, y, color=colour, marker="braille")
                caption.append("   ⣿ ", _STYLES[colour])
                caption.append(label)
                values += y
        if values:
            low, high = min(values), max(values)
            marks = axis.ticks(
                low, high, axis.resolution(info, max(abs(low), abs(high))), max(2, min(6, plot.size.height // 4))
            )
            plt.ylim(marks[0][0], marks[-1][0])
            plt.yticks(*zip(*marks, strict=True))
        else:
            caption.append(": no number to plot yet")
        self.caption.update(caption)
        plt.xlim(-span, 0)
        parts = 4 if plot.size.width >= 60 else 2 if plot.size.width >= 32 else 1
        times = [-span + span * i / parts for i in range(parts + 1)]
        plt.xticks(times, [f"{t / 60:g} min" if span > 60 else f"{t:g} s" for t in times])
        plot.refresh()

    def _draw_detail(self):
        """What is too long for its cell, as a whole: of the module, or of the parameter that is chosen."""
        found = {name: (a, reading) for name, a, reading in self.node.parameters(self.module) if reading}
        names = ("value", "status")
        text = Text()
        if self.focused is self.parameters:
            names = (self.chosen,)
            about = _description(self.node.description.accessibles(self.module).get(self.chosen, {}))
            text.append(f"{self.chosen}: {layout.clean(about)}" if self.chosen else "", "dim")
        for name in names:
            if name in found and (name != "value" or found[name][1].error):
                cell = self._text(*found[name], name)
                text.append("\n" if text else "")
                text.append(f"{self.module}:{name} ", "dim")
                text.append(_reading_text(found[name][1], datainfo(found[name][0]), name), cell.style)
        self.detail.update(text)

    # ---- what the user does

    def on_data_table_row_highlighted(self, event):
        if event.data_table.id == "modules" and event.row_key.value:
            self.module = event.row_key.value
            self.said = ""
        elif event.data_table.id == "parameters" and event.row_key.value:
            self.chosen = event.row_key.value
        self._stale = True

    def on_data_table_row_selected(self, event):
        if event.data_table.id == "modules":
            self.action_target()
        elif event.row_key.value in self.node.description.accessibles(self.module):
            self.push_screen(Change(self.node, self.module, event.row_key.value), self.tell)

    def on_descendant_focus(self, event):
        self._stale = True

    def action_span(self, step):
        self._span = min(max(self._span + step, 0), len(_SPANS) - 1)
        self._draw_plot()

    def action_switch(self):
        (self.modules if self.focused is self.parameters else self.parameters).focus()

    def action_target(self):
        accessible = self.node.description.accessibles(self.module).get("target", {})
        if not fits(accessible, "change"):
            self.tell(f"{self.module} has no target that can be changed")
        else:
            self.push_screen(Change(self.node, self.module, "target"), self.tell)

    def action_stop(self):
        if "stop" not in self.node.description.accessibles(self.module):
            self.tell(f"{self.module} has nothing to stop")
        else:
            self.run_worker(self._stop(self.module))

    async def _stop(self, module):
        try:
            await self.node.client.request("do", f"{module}:stop")
            self.tell(f"{module} is told to stop")
        except (Problem, clients.SECoPError) as e:
            self.tell(f"{module} is not stopped: {e}")

    def tell(self, text):
        """Say something in the last line."""
        if text:
            self.said = text
            self._stale = True


def _steps(points):
    """A line that goes up and down where a value was set, not between."""
    for i, (t, value) in enumerate(points):
        if i:
            yield t, points[i - 1][1]
        yield t, value


def _order(item):
    # what is drawn last is on top
    (_, name, i), _ = item
    return list(_COLOURS).index(name), i


def _dimmed(text):
    return Text(text.plain, "dim")


class Change(ModalScreen):
    """Asks for a new value of a parameter, or the argument of a command; what can't be changed is shown as a whole.

    The node is asked whether it would take it, and only the second Enter changes it.
    """

    BINDINGS = [
        Binding("escape", "leave", "leave"),
        Binding("tab", "closest", "closest value", priority=True),
        Binding("enter", "go", "go"),
    ]

    def __init__(self, node, module, name):
        super().__init__()
        self.node = node
        self.specifier = f"{module}:{name}"
        self.accessible = node.description.accessibles(module).get(name, {})
        self.is_command = is_command(self.accessible)
        self.action = next((action for action in ("do", "change") if fits(self.accessible, action)), "")
        self.info = node.description.datainfo(self.specifier, "change")
        self.wants_value = self.action == "change" or bool(self.action and self.info)
        self.reading = node.readings.get((module, name))
        self.asked = None  # the text that may be changed to by Enter
        self.closest = None

    def compose(self):
        with Vertical():
            yield Label(Text(f"{self.specifier}, {layout.type_text(datainfo(self.accessible))}", "bold"))
            with VerticalScroll(id="now", can_focus=not self.wants_value):
                yield Static(Text("\n".join(filter(None, (_description(self.accessible), self._present())))))
            if self.wants_value:
                yield Input(id="value")
            yield Static(Text(self._what_to_do()), id="answer")

    def on_mount(self):
        self.query_one("#value" if self.wants_value else "#now").focus()

    def _what_to_do(self):
        if not self.action:
            return "It can't be changed. Esc goes back."
        what = "take it" if self.wants_value else "do it"
        return f"Enter asks the node whether it would {what}. Esc leaves all as it is."

    def _present(self):
        if self.is_command:
            return ""
        if is_constant(self.accessible):
            return layout.access_text(self.accessible)
        if self.reading is None:
            return "not known yet"
        return "now: " + _reading_text(self.reading, datainfo(self.accessible), self.specifier.partition(":")[2])

    def answer(self, text, style=""):
        self.query_one("#answer", Static).update(Text("\n".join(layout.clean(line) for line in text.split("\n")), style))

    def action_leave(self):
        self.dismiss("")

    def action_closest(self):
        if self.closest is not None and self.wants_value:
            value = self.closest * self.info["scale"] if self._is_scaled(self.closest) else self.closest
            self.query_one(Input).value = json.dumps(value)

    def action_go(self):
        if self.action and not self.wants_value:
            self.run_worker(self._submit(""), exclusive=True)

    def on_input_changed(self, event):
        if event.value != self.asked:
            self.asked = None

    def on_input_submitted(self, event):
        # a node that is slow must not be in the way of Esc
        self.run_worker(self._submit(event.value), exclusive=True)

    async def _submit(self, typed):
        text = typed.strip()
        if not text and self.wants_value:
            return
        try:
            if self.asked == typed:
                await self._change(text)
            else:
                await self._check(text, typed)
        except (Problem, clients.SECoPError) as e:
            self.asked = None
            self.answer(str(e), "bold red")

    async def _check(self, text, typed):
        self.closest = None
        value = self._value(text)
        goes_on = "Enter does it, Esc leaves it." if self.is_command else "Enter changes it, Esc leaves it."
        try:
            verdict = await checking.ask(self.node.client, self.specifier, value)
        except checking.CannotCheck as e:
            self.asked = typed
            self.answer(f"{e}\n{goes_on.replace(' it, Esc', ' it all the same, Esc')}", "yellow")
            return
        words = verdict.words(self.specifier)
        if verdict.accepted:
            self.asked = typed
            self.answer(f"{words}\n{goes_on}", "green")
        else:
            self.closest = verdict.closest
            self.answer(words + ("\nTab takes that one." if self.closest is not None else ""), "red")

    async def _change(self, text):
        _, _, data = await self.node.client.request(self.action, self.specifier, self._value(text))
        value, _ = clients.report(data)
        if self.is_command:
            result = (
                ""
                if value in (clients.NOTHING, None)
                else ": " + layout.value_text(value, datainfo(self.accessible).get("result", {}))
            )
            self.dismiss(f"{self.specifier} is done{result}")
        else:
            self.dismiss(
                f"{self.specifier} is {'changed' if value is clients.NOTHING else layout.value_text(value, self.info)}"
            )

    def _value(self, text):
        """What the user typed, as it is on the wire."""
        if not self.wants_value:
            return clients.NOTHING
        value = checking.parse(text)
        if self.info.get("type") == "enum":
            return self.info["members"].get(value, value) if isinstance(value, str) else value
        return round(value / self.info["scale"]) if self._is_scaled(value) else value

    def _is_scaled(self, value):
        return self.info.get("type") == "scaled" and "scale" in self.info and is_number(value)


def _description(accessible):
    text = accessible.get("description")
    return text[:_LONG] if isinstance(text, str) else ""


def _reading_text(reading, info, name):
    """All that a parameter says, on one line."""
    if reading.error:
        return layout.clean(str(reading.error))[:_LONG]
    return (layout.status_text if name == "status" else layout.value_text)(reading.value, info)[:_LONG]
