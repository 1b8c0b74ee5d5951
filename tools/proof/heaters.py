"""The fault table of a user's own node: each of its heaters, on the node's own plant, by the trials of the project's table."""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from .. import paths
from ..build import micropython
from ..emulator import host
from ..image import image
from ..problem import Problem
from . import faults, report

_SCRIPT = paths.BOARDS / "HOST" / "trial" / "heater.py"
_SLOW = 90  # s of real time that a trial may take: a plant that never comes to rest takes for ever
_ROOM = 0.3  # by that part a block that is held is colder at first

#: fault -> (what, s, told within s, what is said, phases); "gain" stands for what this plant takes to answer
_ALWAYS = {
    "none": ("on", 1e9, 0, "", ("idle", "heating", "holding")),
    "heater_open": (
        "off",
        "gain",
        "gain",
        "does not warm|does not follow|left the target|ever more power",
        ("heating", "holding"),
    ),
    "transistor_short": ("told", "gain", "gain", "heater is off|not allowed|beyond|no heater", ("idle", "holding")),
    "loop_hung": ("ends", 2, 2, "watchdog", ("heating", "holding")),
    "control_hung": ("off", 4, 4, "did not decide", ("heating",)),
    "exception": ("dead", 2, 2, "error in the firmware", ("heating",)),
    "guard_dies": ("off", 2, 2, "guard itself failed", ("heating",)),
    "client_silent": ("off", 7, 7, "no client said anything", ("heating",)),
    "ctrl_c": ("ends", 1, 1, "power on", ("heating",)),
    "power_cut": ("ends", 1, 1, "power on", ("heating", "holding")),
}
_ADC = {
    "sensor_open": ("off", 2, 2, "open|short|range", ("heating", "holding")),
    "sensor_short": ("off", 2, 2, "open|short|range", ("heating", "holding")),
    "sensor_stuck": ("off", "stuck", "stuck", "same raw value|does not warm|left the target", ("heating", "holding")),
}
_CHIP = {
    "chip_silent": ("off", 2, 2, "answer|stuck", ("heating", "holding")),
    "chip_frozen": ("off", "stuck", "stuck", "same raw value|does not warm|left the target", ("heating", "holding")),
    "bus_stuck": ("off", 2, 2, "answer|stuck", ("heating", "holding")),
}
_COUPLE = {
    "couple_open": ("off", 2, 2, "open", ("heating", "holding")),
    "couple_reversed": ("off", "gain", "gain", "does not warm|range|not allowed|left the target", ("heating", "holding")),
}
_RELAY = {"timer_dies": ("off", 3, 3, "its timer does not tick", ("heating",))}
_OPEN = {"open", "reversed"}
_NEVER_CLEAR = ("couple_reversed",)  # whether its cause can be seen while it is off is the room's temperature


@dataclass(frozen=True)
class OwnCell(faults.Cell):
    """A fault of a user's heater; `heater` is what boards/HOST/trial/heater.py says of it, as JSON."""

    heater: str = "{}"

    @property
    def about(self):
        return json.loads(self.heater)

    @property
    def name(self):
        return f"{self.about['name']}-{self.fault}-{self.phase}"

    @property
    def maximum(self):
        return self.about["allowed"][1]

    @property
    def watched(self):
        return 120, None

    def plan(self):
        about, target = self.about, _target(self.about)
        seconds = self.told + 20 if self.what in ("off", "dead", "told", "ends") else 120
        plan = {
            "phase": self.phase, "fault": self.fault, "seconds": seconds, "module": about["name"], "resume": False,
            "target": target, "most": int(about["targets"][1]), "first reading": 2 if about["chip"] else 0,
            "recover": 10 if self.what == "off" and _recovers(about) and self.fault not in _NEVER_CLEAR else 0,
        }  # fmt: skip
        if self.phase == "holding":
            plan["block"] = target - min(15, _ROOM * abs(target - about["plant"]["surroundings"]))
        return plan | {key: about[key] for key in ("pin", "pins", "adc", "chip")}


class OwnTrials(faults.Trials):
    """Runs them at a level."""

    def __init__(self, python, folder):
        super().__init__(python, folder, script=_SCRIPT)

    def run(self, cell):
        try:
            return super().run(cell)
        except subprocess.TimeoutExpired:
            return None

    def once(self, plan, kept, timeout=_SLOW):
        about = {key: plan[key] for key in ("pin", "pins", "adc", "chip") if key in plan} or self._about
        self._about = about
        return super().once({**about, **plan}, kept, timeout)


def look(node):
    """What the heaters of a node are: a list of dicts. Raises Problem where that can't be had."""
    folder = image.build(node)
    with tempfile.TemporaryDirectory(prefix="secnode-") as kept:
        plan = Path(kept, "plan.json")
        plan.write_text('{"phase": "look"}', "utf-8")
        command = [sys.executable, "-B", str(_SCRIPT), str(folder), str(paths.BOARDS / "HOST"), str(paths.SHIMS), str(plan)]
        env = host.environment(settings=Path(kept, "settings.json"), reset=Path(kept, "reset"))
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_SLOW, env=env)
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise Problem(f"{node} could not be tried:\n{done.stderr[-2000:]}") from None
    pins = [heater["pin"] for heater in found]
    return [{**heater, "pins": pins} for heater in found]


def cells(about):
    """The rows for a heater: by its sensor and its output."""
    rows = dict(_ALWAYS)
    if "_deadman" not in about["has"]:
        del rows["client_silent"]
    if about["adc"] is not None:
        rows |= _ADC
    if about["chip"]:
        rows |= _CHIP
    if _OPEN <= set(about["faults"]):
        rows |= _COUPLE
    if about["output"] == "RelayHeater":
        rows |= _RELAY
    words = json.dumps(about)
    limits = {"gain": 90 + 6 * about["gain_time"], "stuck": 60 + about["stuck_time"] + 4 * about["gain_time"]}
    for fault, (what, limit, told, says, phases) in rows.items():
        if what == "ends" and "_started" not in about["has"]:
            says = ""  # nobody can ask why it started
        for phase in phases:
            yield OwnCell(fault, phase, what, limits.get(limit, limit), limits.get(told, told), says, "", words)


def run(about, node):
    """[(cell, {level: what happened, None where it came to no end})] of a heater."""
    folder = image.build(node)
    python = {"cpython": sys.executable, "micropython": str(micropython.micropython())}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        started = [
            (cell, {level: pool.submit(OwnTrials(python[level], folder).run, cell) for level in report.LEVELS})
            for cell in cells(about)
        ]
        try:
            return [(cell, {level: result.result() for level, result in results.items()}) for cell, results in started]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def judge(cell, found):
    """What deviates from what is expected, as a list of words. A heater that only warms less may be told by a warning."""
    if found is None:
        return [f"the temperature does not come to rest within {_SLOW} s of the trial: autotune it, or set p, i and d"]
    if "_jitter" not in cell.about["has"]:
        found = {**found, "jitter": 0}
    if "again" in found and found["again"].get("started") is None:
        found = {**found, "again": {**found["again"], "started": ""}}
    if cell.what == "off" and "refused" not in found:  # it was not asked: 60 °C is no target here
        found = {**found, "refused": "IsError", "checked": "checked", "cleared": "done", "off again": True, "heats again": True}
        found["cleared at once"] = "error" if cell.fault in faults._STANDING else "done"
    wrong = faults.judge(cell, found)
    return [] if wrong and _is_warned(cell, found) else wrong


def _is_warned(cell, found):
    """Whether it is told by a warning, with less power: a heater that is open may look like a slow plant."""
    return cell.fault == "heater_open" and not faults.judge(replace(cell, what="warned", says="."), found)


def table(found):
    """The table of a heater, in Markdown."""
    lines = [report._row(["fault", "phase", "expected", "off after", "told after", "hottest", "what is said"])]
    lines.append(report._row(["---"] * 7))
    for cell, seen in found:
        words = [word for one in seen.values() for word in judge(cell, one)]
        deviates = f"**deviates: {'; '.join(dict.fromkeys(words))}**" if words else ""
        seen = {level: one for level, one in seen.items() if one is not None}
        name, expected = report._name(cell.fault), "carries on" if cell.what == "on" else report._expected(cell)
        if not seen:
            lines.append(report._row([name, cell.phase, expected, "", "", "", deviates]))
            continue
        last = seen[list(seen)[-1]]
        times = [report._latest(seen, "off"), report._latest(seen, "told")]
        if cell.what == "on":
            times = ["", ""]
        elif _is_warned(cell, last):
            times = ["carries on with less", report._latest(seen, "warned")]
        hottest = f"{max(one['peak'] for one in seen.values()):.0f} °C"
        words = report._said(cell, last)
        said = f"{'' if words == 'next start: None' else words} {deviates}".strip()
        lines.append(report._row([name, cell.phase, expected, *times, hottest, said]))
    return "\n".join(lines)


def plant(about):
    """What is heated in the trials, in words."""
    numbers = about["plant"]
    text = f"{about['output']}, up to {about['full']:.4g} W, by {about['sensor']}; the simulated plant has "
    text += f"{numbers['capacity']:.4g} J/K, {numbers['loss']:.3g} W/K, {numbers['lag']:.3g} s of lag and "
    text += f"{numbers['full_power']:.4g} W, and is brought to {_target(about)} °C; {about['allowed'][1]:.4g} °C are allowed"
    if not about["said"]:
        text += ". It is not yours: simulate() in the node's file says what yours is like (docs/compose.md)"
    return text + "."


def _target(about):
    numbers = about["plant"]
    reach = min(about["most"], about["full"], numbers["full_power"]) / numbers["loss"]
    low, high = about["targets"]
    # with room above it, for the start after an error
    return int(max(numbers["surroundings"] + min(0.8 * (high - numbers["surroundings"]), 0.6 * reach), low))


def _recovers(about):
    # the trial asks for 60 degC then
    return about["targets"][0] <= 60 <= about["targets"][1]
