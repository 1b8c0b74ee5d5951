"""What is measured, against what it may cost (budgets.json)."""

import json
import math
from pathlib import Path

BUDGETS = Path(__file__).with_name("budgets.json")
# how much worse than once measured is still the same: memory is counted, time is noisy
_SLACK = {"memory": 1.02, "speed": 1.6}


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
        return value < limit if name in self._more else value > limit

    def verdict(self, name):
        """The first of these that is true: missed, costs more (than its budget), must, wanted."""
        value, budget = self.found[name][0], self._budgets[name]
        if self._is_worse(name, value, budget["must"]):
            return "missed"
        if self._is_worse(name, value, budget["budget"]):
            return "costs more"
        return "must" if self._is_worse(name, value, budget["wanted"]) else "wanted"

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
            if self._is_worse(name, budget["budget"], tight) and not self._is_worse(name, tight, budget["must"]):
                budget["budget"] = tight
                changed = True
        BUDGETS.write_text(json.dumps(budgets, indent=2) + "\n")
        return changed


def _round(value, down=False):
    # to three digits, to the safe side
    if value == 0:
        return 0
    step = 10 ** (math.floor(math.log10(value)) - 2)
    return round((math.floor if down else math.ceil)(value / step) * step, 6)


def _show(value):
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
