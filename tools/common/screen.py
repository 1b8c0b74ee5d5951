"""What `secnode monitor` shows: the modules, the parameters of one, its plot, and a dialog for a new target."""

import json
import time

from rich.text import Text
from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Label, Static
from textual_plotext import PlotextPlot

from .. import check
from . import client as clients
from . import layout
from .description import datainfo, fits
from .problem import Problem

_REDRAW = 0.25  # s
_SPANS = (60, 300, 900, 3600)  # s
_COLOURS = {"target": "orange", "setpoint": "gray", "value": "cyan"}
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
    #plot { width: 1fr; height: 1fr; }
    #state { height: 1; padding: 0 1; color: $text-muted; }
    Target { align: center middle; }
    Target > Vertical { width: 76; height: auto; max-height: 20; padding: 1 2; border: round $primary; background: $surface; }
    Target Input { margin: 1 0; }
    """
    BINDINGS = [
        Binding("t", "target", "target"),
        Binding("s", "stop", "stop"),
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
        self.parameters = DataTable(id="parameters", cursor_type="none", show_header=False)
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
            yield self.plot
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
        self._draw_plot()

    def _lay_out_modules(self, report):
        table = self.modules
        table.clear(columns=True)
        for key, width in (("module", 18), ("value", 14), ("target", 14), ("status", 40)):
            table.add_column(key, key=key, width=width)
        if self.module not in report.modules:
            self.module = next(iter(report.modules), "")
        for name in report.modules:
            table.add_row(name, "", "", "", key=name)
        if self.module in report.modules:
            table.move_cursor(row=list(report.modules).index(self.module))
        self._shown = (report.report, None)

    def _lay_out_parameters(self, report):
        table = self.parameters
        table.clear(columns=True)
        table.add_column("name", key="name", width=18)
        table.add_column("value", key="value", width=24)
        for name, _, _ in self.node.parameters(self.module):
            table.add_row(Text(name, "dim"), "", key=name)
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
        if reading.error:
            return Text(layout.clean(str(reading.error)), "bold red")
        info = datainfo(accessible)
        if name == "status" and isinstance(reading.value, list) and reading.value:
            code = reading.value[0]
            style = next((s for least, s in _STATUS if isinstance(code, int) and code >= least), "dim")
            return Text(layout.status_text(reading.value, info), style)
        return Text(layout.value_text(reading.value, info))

    def _draw_plot(self):
        plot = self.plot
        plt = plot.plt
        plt.clear_figure()
        now, span = time.time(), _SPANS[self._span]
        oldest = min([curve[0][0] for key, curve in self.node.curves.items() if key[0] == self.module], default=now)
        span = next((s for s in _SPANS if s >= now - oldest), span) if now - oldest < span else span
        drawn = False
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
                plt.plot(x, y, label=label, color=_COLOURS[name] if i == 0 else i + 1, marker="braille")
                drawn = True
        unit = layout.clean(self.node.description.unit(self.module))
        plt.title(f"{self.module}{' / ' + unit if unit else ''}" if drawn else f"{self.module}: no number to plot yet")
        plt.xlim(-span, 0)
        ticks = [-span + span * i / 4 for i in range(5)]
        plt.xticks(ticks, [f"{t / 60:g} min" if span > 60 else f"{t:g} s" for t in ticks])
        plot.refresh()

    # ---- what the user does

    def on_data_table_row_highlighted(self, event):
        if event.data_table.id == "modules" and event.row_key.value:
            self.module = event.row_key.value
            self._stale = True

    def on_data_table_row_selected(self, event):
        self.action_target()

    def action_span(self, step):
        self._span = min(max(self._span + step, 0), len(_SPANS) - 1)
        self._draw_plot()

    def action_target(self):
        accessible = self.node.description.accessibles(self.module).get("target", {})
        if not fits(accessible, "change"):
            self.tell(f"{self.module} has no target that can be changed")
        else:
            self.push_screen(Target(self.node, self.module, accessible), self.tell)

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


class Target(ModalScreen):
    """Asks for a target; the node is asked whether it would take it, and only the second Enter changes it."""

    BINDINGS = [Binding("escape", "leave", "leave"), Binding("tab", "closest", "closest value", priority=True)]

    def __init__(self, node, module, accessible):
        super().__init__()
        self.node = node
        self.specifier = f"{module}:target"
        self.info = datainfo(accessible)
        self.reading = node.readings.get((module, "target"))
        self.asked = None  # the text that may be changed to by Enter
        self.closest = None

    def compose(self):
        with Vertical():
            yield Label(Text(f"{self.specifier}, {layout.type_text(self.info)}", "bold"))
            yield Input(placeholder=self._present(), id="target")
            yield Static("Enter asks the node whether it would take it. Esc leaves all as it is.", id="answer")

    def _present(self):
        if self.reading and not self.reading.error:
            return "now " + layout.value_text(self.reading.value, self.info)
        return ""

    def answer(self, text, style=""):
        self.query_one("#answer", Static).update(Text("\n".join(layout.clean(line) for line in text.split("\n")), style))

    def action_leave(self):
        self.dismiss("")

    def action_closest(self):
        if self.closest is not None:
            value = self.closest * self.info["scale"] if self._is_scaled(self.closest) else self.closest
            self.query_one(Input).value = json.dumps(value)

    def on_input_changed(self, event):
        if event.value != self.asked:
            self.asked = None

    def on_input_submitted(self, event):
        # a node that is slow must not be in the way of Esc
        self.run_worker(self._submit(event.value), exclusive=True)

    async def _submit(self, typed):
        text = typed.strip()
        if not text:
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
        try:
            verdict = await check.ask(self.node.client, self.specifier, value)
        except check.CannotCheck as e:
            self.asked = typed
            self.answer(f"{e}\nEnter changes it all the same, Esc leaves it.", "yellow")
            return
        words = verdict.words(self.specifier)
        if verdict.accepted:
            self.asked = typed
            self.answer(f"{words}\nEnter changes it, Esc leaves it.", "green")
        else:
            self.closest = verdict.closest
            self.answer(words + ("\nTab takes that one." if self.closest is not None else ""), "red")

    async def _change(self, text):
        _, _, data = await self.node.client.request("change", self.specifier, self._value(text))
        value = data[0] if isinstance(data, list) and data else None
        self.dismiss(f"{self.specifier} is {layout.value_text(value, self.info)}")

    def _value(self, text):
        """What the user typed, as it is on the wire."""
        value = check.parse(text)
        if self.info.get("type") == "enum":
            return self.info.get("members", {}).get(value, value) if isinstance(value, str) else value
        return round(value / self.info["scale"]) if self._is_scaled(value) else value

    def _is_scaled(self, value):
        return self.info.get("type") == "scaled" and isinstance(value, (int, float)) and not isinstance(value, bool)
