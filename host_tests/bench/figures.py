"""What is measured, against what it may cost (budgets.json).

`must` and `wanted` are what was asked for (null: nothing was), `budget` what was once reached: a change that costs more has to
say so there. Where a must is not reached yet the budget is worse than it: no excuse, but what is held meanwhile. Budgets of 4 B
stand for none: counting itself takes 32 B more or less, and whatever a request allocated would be 16 B at least.
"""

import json
import math
from pathlib import Path

BUDGETS = Path(__file__).with_name("budgets.json")
# how much worse than once measured is still the same: memory is counted, time is noisy
_SLACK = {"memory": 1.02, "chips": 1.02, "speed": 1.6}


class Figures:
    """One table. `more` names those of which more is better; of all others less is."""

    def __init__(self, table, more=()):
        self._table = table
        self._more = more
        self._budgets = json.loads(BUDGETS.read_text())[table]
        self.found = {}

    def add(self, name, value, text=None):
        """What was measured: a number in the unit of the budget; `text` shows it in another way."""
        self._budgets[name]  # a figure that nobody budgeted is a mistake
        self.found[name] = value, text
        print(f"    {name}: {text or _show(value)}", flush=True)

    def _is_worse(self, name, value, limit):
        if limit is None:
            return False
        return value < limit if name in self._more else value > limit

    def verdict(self, name):
        """The first that is true: missed, costs more (than its budget), must, wanted; "" where nothing was asked for."""
        value, budget = self.found[name][0], self._budgets[name]
        if self._is_worse(name, value, budget["must"]):
            return "missed"
        if self._is_worse(name, value, budget["budget"]):
            return "costs more"
        if budget["must"] is None:
            return ""
        return "must" if self._is_worse(name, value, budget["wanted"]) else "wanted"

    def is_within_budget(self, name):
        """Whether it costs no more than what was once reached."""
        return not self._is_worse(name, self.found[name][0], self._budgets[name]["budget"])

    def missed(self):
        """Those that are beyond a must or a budget."""
        return [name for name in self.found if self.verdict(name) in ("missed", "costs more")]

    def markdown(self):
        """The table as text."""
        limits = ("must", "wanted", "budget")
        rows = [("figure", *limits, "measured", "reached")]
        for name, (value, text) in self.found.items():
            budget = [_show(self._budgets[name][limit]) for limit in limits]
            rows.append((name, *budget, text or _show(value), self.verdict(name).replace("missed", "**missed**")))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        rows.insert(1, ["-" * width for width in widths])
        return "\n".join("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows)

    def ratchet(self):
        """Lower the budgets to what was measured, where that is better; gives whether any was."""
        budgets = json.loads(BUDGETS.read_text())
        changed = False
        for name, (value, _) in self.found.items():
            budget = budgets[self._table][name]
            slack = _SLACK[self._table]
            tight = _round(value / slack, down=True) if name in self._more else _round(value * slack)
            if not value and budget["must"]:
                tight = 4  # see above
            if self._is_worse(name, budget["budget"], tight):
                budget["budget"] = tight
                changed = True
        BUDGETS.write_text(_text(budgets))
        return changed


def _text(budgets):
    """As json.dumps, a figure a line."""
    tables = []
    for table, figures in budgets.items():
        lines = [f"    {json.dumps(name)}: {json.dumps(budget)}" for name, budget in figures.items()]
        tables.append(f"  {json.dumps(table)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(tables) + "\n}\n"


def _round(value, down=False):
    # to three digits, to the safe side
    if value == 0:
        return 0
    step = 10 ** (math.floor(math.log10(value)) - 2)
    return round((math.floor if down else math.ceil)(value / step) * step, 6)


def _show(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
