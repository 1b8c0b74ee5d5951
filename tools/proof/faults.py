"""The fault table of a heater: what is expected, named beforehand, and what a trial of each cell has shown."""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..build import micropython
from ..emulator import host
from ..problem import Problem

NODE = "oven"
MAXIMUM = 130  # degC, what the node allows

# when a fault happens: for how long it is watched where it does no harm (s), where the block has to be then (degC)
PHASES = {
    "start": (150, 60),
    "idle": (60, None),
    "heating": (120, 60),
    "holding": (120, 60),
    "ramping": (150, 60),
    "cooling": (500, 40),
    "autotuning": (300, None),
    "open loop": (60, None),
}
_LONG = {"sample_changed": 300, "door_opened": 300}  # s that it takes at least until all is as before
_AFTER = 20  # s that are watched beyond the expected time
_DRIFT = 600  # s that a drift is watched
# what clear_errors sees while it lasts
_STANDING = (
    "sensor_open", "sensor_short", "sensor_stuck", "chip_silent", "chip_frozen", "bus_stuck", "couple_open", "couple_reversed",
)  # fmt: skip
_HIDDEN = (("power supply", "bus_stuck"), ("power supply", "chip_silent"))  # a heater that is off asks nothing of its output
_JITTER = 50  # ms of the control's period, at most, whatever clients do
_RESUMING = (
    "cut", "told_off", "told_lower", "told_open_loop", "told_autotune", "told_no_power", "told_limits", "told_range",
    "trip_and_cut", "hung_and_cut", "flash_full", "ctrl_c_twice",
)  # fmt: skip
_KEPT = {"heater": {"resume": 60}}  # what flash has before a start that resumes
_CAUSE = 10  # s between a mended fault and clear_errors

# off N     from N s after the fault the heater has no power and a client is told; clear_errors brings it back, not before
#           the cause is gone. off M/N: no power from M s on, told within N s
# dead N    the same, and only a restart brings it back
# on        it does no harm: the node carries on, and the block ends within 1 K of the target
# on K      the same within K K, and there may be a warning
# cold      it is no danger: the heater stays off, and nothing can be seen
# warns N   from N s after the fault the heater has no power, with a warning in the status
# less N    within N s there is a warning, and from then on so little power that the block stays below what it had reached
# told N    a client is told within N s, software can't switch off: this is for the cut-out in the wiring
# bounded   it can't be told from a temperature; the block stays below the maximum
# ends N    from N s after the fault the heater has no power, the program ends, and the next start leaves the heater off
# warned N  within N s there is a warning, and the node carries on, with less power where that is the warning
# blind     the guard's thresholds are as good as off: the status says so all along, and nobody switches off; how far the block
#           goes is in the table
# late N    off N, but software does not know in time how fast the plant is: the block gets hotter than allowed, and this is for
#           the cut-out in the wiring, until thresholds come from an autotune
# resumes   the power goes, and the next start goes back to the target: it is the node's author's wish (resume=True)
#
# From `cut` on the node has resume=True, and flash has the target: "ends" says that a power cut at the moment of
# the answer is followed by a start that stays off
EXPECTED = """
fault           |start   |idle    |heating |holding  |ramping |cooling |autotuning|open loop|status or _started says
sensor_open     |off 7   |off 2   |off 2   |off 2    |off 2   |off 2   |off 2     |off 2    |wire is open
sensor_short    |off 7   |off 2   |off 2   |off 2    |off 2   |off 2   |off 2     |off 2    |wire is shorted
sensor_stuck    |off 35  |on      |off 30  |off 50/90|off 45  |cold    |off 45/90 |off 50/90|same raw value|does not warm
sensor_noisy    |on 3    |on      |on 3    |on 3     |on 3    |on 3    |warns 200 |on       |autotune failed: the (noise|swings)
sensor_slow     |on 2    |on      |on 2    |on 2     |on 2    |on 2    |on        |on       |
sensor_drift    |bounded |on      |bounded |bounded  |bounded |bounded |bounded   |bounded  |
sensor_off      |less 40 |on      |off 150 |off 250  |off 250 |off 400 |warns 5   |bounded  |not (warm|follow)|slowly|it fell
sensor_slips    |bounded |on      |bounded |off 600  |bounded |bounded |bounded   |bounded  |ever more power
adc_glitch      |on      |on      |on      |on       |on      |on      |on        |on       |
heater_open     |off 50  |on      |off 40  |off 90   |off 60  |off 500 |off 90    |on       |does not warm
transistor_short|told 60 |told 20 |told 60 |told 30  |told 60 |told 20 |told 60   |told 60  |heater is off|not allowed
transistor_leaks|told 300|told 90 |told 300|told 300 |told 300|cold    |told 300  |on       |though the heater is off
supply_sag      |on      |on      |on      |on       |on      |on      |on        |on       |
duty_wrong      |off 12  |on      |off 3   |off 3    |off 3   |cold    |off 20    |off 3    |where .* W were set
door_opened     |on      |on      |on      |on       |on      |on      |on        |on       |
sample_changed  |on      |on      |on      |on       |on      |on      |warns 5   |on       |autotune failed: it fell
loop_hung       |ends 7  |ends 2  |ends 2  |ends 2   |ends 2  |ends 2  |ends 2    |ends 2   |watchdog
control_hung    |off 9   |on      |off 4   |off 4    |off 4   |off 4   |off 4     |off 4    |did not decide
exception       |dead 7  |on      |dead 2  |dead 2   |dead 2  |dead 2  |dead 2    |dead 2   |error in the firmware
guard_dies      |off 7   |off 2   |off 2   |off 2    |off 2   |off 2   |off 2     |off 2    |guard itself failed
main_dies       |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |after it ended by Broken
no_memory       |off 2/20|off 2/20|off 2/20|off 2/20 |off 2/20|off 2/20|off 2/20  |off 2/20 |MemoryError|last good reading
ctrl_c          |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
soft_reset      |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |soft reset
reset           |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |^reset
power_cut       |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
client_gone     |on      |on      |on      |on       |on      |on      |on        |on       |
client_silent   |off 12  |on      |off 7   |off 7    |off 7   |off 7   |off 7     |off 7    |no client said anything
client_floods   |on      |on      |on      |on       |on      |on      |on        |on       |
cut             |resumes |ends 1  |resumes |resumes  |resumes |ends 1  |ends 1    |ends 1   |power on
told_off        |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
told_lower      |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
told_open_loop  |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
told_autotune   |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
told_no_power   |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
told_limits     |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
told_range      |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
trip_and_cut    |ends 2  |ends 2  |ends 2  |ends 2   |ends 2  |ends 2  |ends 2    |ends 2   |power on
hung_and_cut    |ends 2  |ends 2  |ends 2  |ends 2   |ends 2  |ends 2  |ends 2    |ends 2   |power on
flash_full      |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
ctrl_c_twice    |ends 1  |ends 1  |ends 1  |ends 1   |ends 1  |ends 1  |ends 1    |ends 1   |power on
clock_forward   |on      |on      |on      |on       |on      |on      |on        |on       |
clock_back      |on      |on      |on      |on       |on      |on      |on        |on       |
"""

# the same of other nodes, for what may differ there. The relay's output is on for a share of each 2 s; of two ovens both hold a
# temperature, one has the fault, and the other one is not harmed: it stays within 1 K, or ends with the program
EXPECTED_RELAY = """
fault            | heating | holding | status or _started says
sensor_open      | off 2   |         | wire is open
heater_open      | off 40  | off 90  | does not warm
transistor_short | told 60 | told 30 | though the heater is off
supply_sag       |         | on      |
timer_dies       | off 3   | off 3   | its timer does not tick
loop_hung        | ends 2  | ends 2  | watchdog
control_hung     | off 4   |         | did not decide
exception        | dead 2  |         | error in the firmware
guard_dies       | off 2   |         | guard itself failed
main_dies        | ends 1  |         | after it ended by Broken
no_memory        | off 2/20|         | MemoryError|last good reading
client_floods    | on      |         |
ctrl_c_twice     | ends 1  | ends 1  | power on
power_cut        | ends 1  |         | power on
"""
EXPECTED_TWO = """
fault            | both    | status or _started says
sensor_open      | off 2   | wire is open
heater_open      | off 90  | does not warm
transistor_short | told 30 | though the heater is off
control_hung     | off 4   | did not decide
exception        | dead 2  | error in the firmware
guard_dies       | off 2   | guard itself failed
loop_hung        | ends 2  | watchdog
ctrl_c_twice     | ends 1  | power on
off_fails        | ends 1  | power on
"""
# the node `oven` on other plants, "none" is life without a fault. Reckoned from heat capacity and lag: 3 K take 36 s at 50 W
# and 600 J/K, and gain_time is 20 s, so there is a warning and a tenth of the power, for the user to set gain_time; then the
# faults take longer by that. 100 W and 5 J/K are 20 K/s, and max_rate is 10. 20 s of lag are life, and double what a fault
# takes
EXPECTED_SLOW = """
fault            | start    | idle    | heating  | status or _started says
none             | warned 60| on      | warned 40| it warms slowly, .* set gain_time to
sensor_open      | off 7    | off 2   | off 2    | wire is open
sensor_stuck     | off 35   | on      | off 90   | same raw value|does not warm
heater_open      | off 50   | on      | warned 40| does not warm|it warms slowly
transistor_short | told 400 | told 150| told 400 | though the heater is off
"""
EXPECTED_TIMED = """
fault            | heating    | holding    | status or _started says
none             | on         | on         |
sensor_open      | off 2      | off 2      | wire is open
sensor_stuck     | off 150/400| warns 150  | same raw value|it has left the target
heater_open      | warned 140 | off 900    | does not warm|it warms slowly
transistor_short | told 400   | told 150   | though the heater is off
"""
EXPECTED_FAST = """
fault            | start    | idle    | heating | status or _started says
none             | warned 10| on      | warned 2| it warms by .* set max_rate to
sensor_open      | off 7    | off 2   | off 2   | wire is open
sensor_stuck     | late 35  | on      |         | same raw value|does not warm
heater_open      | off 50   | on      | off 250 | does not warm|does not follow
transistor_short | told 12  | told 5  | told 10 | though the heater is off|not allowed|no heater can do that
"""
EXPECTED_LATE = """
fault            | heating  | cooling  | autotuning | status or _started says
none             | on 3     | on 3     | on         |
sensor_open      | off 2    | off 2    | off 2      | wire is open
sensor_stuck     | off 45/90| cold     | off 45/90  | same raw value|does not warm
heater_open      | off 90   | off 600  | off 200    | does not warm
transistor_short | told 100 | told 60  | told 100   | though the heater is off|not allowed
"""
# somebody has set thresholds so wide that the guard is as good as off
EXPECTED_WIDE = """
fault            | idle    | heating  | holding  | status or _started says
none             | warned 1| warned 1 | warned 1 | the guard is as good as off
sensor_open      | off 2   | off 2    | off 2    | wire is open
sensor_stuck     | warned 1| blind    | blind    | the guard is as good as off
heater_open      | warned 1| blind    | blind    | the guard is as good as off
"""
# a tube furnace: some 0.5 K/s at full power, a thermocouple that lags 15 s, gain_time 60; cold where it is heated, at 800 degC
# where it is idle, and it holds 1100 degC. At 1150 degC it is switched off. A sensor that says the same for 20 s is asked, with
# half the usual power for 30 s, then with none, and has 180 s to answer. The wrong way round a thermocouple seems to cool.
# A cold junction that is off from the start makes the furnace hotter by what it is warmer than 0 degC
EXPECTED_FURNACE = """
fault            | start     | idle    | heating   | holding   | status or _started says
none             | on        | on      | on        | on        |
chip_silent      | off 7     | off 2   | off 2     | off 2     | does not answer
chip_frozen      | off 90/220| on      | off 90/220| off 90/220| same raw value
bus_stuck        | off 7     | off 2   | off 2     | off 2     | does not answer
couple_open      | off 7     | off 2   | off 2     | off 2     | thermocouple or its wire is open
couple_reversed  | off 90    | off 2   | off 80    | off 2     | does not warm|beyond the range|not allowed
junction_off     | bounded   | off 2   | off 2     | off 2     | cold junction has jumped
heater_open      | off 90    | on      | warned 80 | off 200   | does not warm|it warms slowly
transistor_short |           | told 150|           | told 150  | though the heater is off|not allowed
timer_dies       |           |         | off 3     | off 3     | its timer does not tick
loop_hung        | ends 7    | ends 2  | ends 2    | ends 2    | watchdog
"""
# a power supply by a DAC: what sets its voltage fails at full power, and the enable pin alone switches it off. An order that is
# lost is tried again for a second; one to stay as it was seems to be obeyed
EXPECTED_SUPPLY = """
fault            | start   | idle   | heating | holding | status or _started says
none             | on      | on     | on      | on      |
bus_stuck        | off 7/9 | on     | off 1/3 | off 1/3 | can't be set, it is disabled: .* the bus is stuck
chip_silent      | off 7/9 | on     | off 1/3 | off 1/3 | can't be set, it is disabled: .* does not answer
dac_deaf         | off 7/9 | on     | off 15/17| off 1/3 | can't be set, it is disabled: .* does not take what it is set to
sensor_open      |         |        | off 2   | off 2   | wire is open
loop_hung        |         |        | ends 2  | ends 2  | watchdog
stuck_and_hung   |         |        | ends 2  | ends 2  | watchdog
control_hung     |         |        | off 4   | off 4   | did not decide
ctrl_c_twice     |         |        | ends 1  |         | power on
power_cut        |         |        | ends 1  |         | power on
"""
_FURNACE = {"start": (150, None), "idle": (60, None), "heating": (150, None), "holding": (300, 1100)}  # as PHASES
_BOTH = {"both": (120, 60)}
_SUPPLY = str(paths.ROOT / "host_tests" / "nodes" / "supply_oven.py")
_TWO = str(paths.ROOT / "host_tests" / "nodes" / "outputs.py")
# what is in the tables' headings: (node, module with the fault, the table)
OTHERS = {
    "relay": ("relay_oven", "heater", EXPECTED_RELAY),
    "two ovens": (_TWO, "upper", EXPECTED_TWO),
    "furnace": ("furnace", "furnace", EXPECTED_FURNACE),
    "power supply": (_SUPPLY, "heater", EXPECTED_SUPPLY),
    "slow plant": (NODE, "heater", EXPECTED_SLOW),
    "slow plant with gain_time 120": (NODE, "heater", EXPECTED_TIMED),
    "fast plant": (NODE, "heater", EXPECTED_FAST),
    "late plant": (NODE, "heater", EXPECTED_LATE),
    "wide thresholds": (NODE, "heater", EXPECTED_WIDE),
}
_SLOW = {"capacity": 600.0}
# for the trial: what the simulated plant has in place of 40 J/K, 0.2 W/K and 1.5 s, and what a client sets first
PLANS = {
    "slow plant": {"plant": _SLOW},
    "slow plant with gain_time 120": {"plant": _SLOW, "first": ['change heater:_guard {"gain_time": 120}']},
    "fast plant": {"plant": {"capacity": 5.0}, "first": ["change heater:_maxheaterpower 100"]},
    "late plant": {"plant": {"lag": 20.0}},
    "furnace": {"target": 1100, "most": 1099, "first reading": 2},
    "wide thresholds": {"first": ['change heater:_guard {"gain_time": 3600, "stuck_time": 3600}']},
}
_BLOCKS = {"furnace": {"idle": 800, "holding": 1085}}  # degC that the block has at power-on, where it is not cold
_MAXIMA = {"furnace": 1150}  # degC, where a node allows something else than MAXIMUM
_PATIENT = {"slow plant with gain_time 120": 1500, "late plant": 1500}  # s that life is watched there

# in a person's words
FAULTS = {
    "sensor_open": "sensor open: its wire is broken",
    "sensor_short": "sensor shorted",
    "sensor_stuck": "sensor stuck: the same count for ever",
    "sensor_noisy": "sensor noisy: 20 times an RP2040's noise",
    "sensor_slow": "sensor slow: it lags ten times as much",
    "sensor_drift": "sensor drifts: it says 0.05 K less every second",
    "sensor_off": "sensor off its mount: it hangs in the air, and sees a tenth of the block's heat",
    "sensor_slips": "sensor slips off: within ten minutes it sees 0.3 of the block's heat",
    "adc_glitch": "ADC glitches: every hundredth conversion is nonsense",
    "heater_open": "heater open: its wire is broken",
    "transistor_short": "transistor shorted: full power whatever the pin says",
    "transistor_leaks": "transistor leaks: a tenth of full power whatever the pin says",
    "supply_sag": "power supply sags: it gives a third of its power",
    "duty_wrong": "duty wrong: the pin has a fifth of full power more than was set",
    "door_opened": "door opened: five times the loss for a minute",
    "sample_changed": "sample changed: the block is colder by 35 K at once",
    "loop_hung": "loop hung: a driver waits for ever, and nobody else gets a turn",
    "control_hung": "control hung: it runs and decides nothing",
    "exception": "exception in the control",
    "guard_dies": "exception in the guard",
    "main_dies": "exception in the loop: out of asyncio itself",
    "no_memory": "MemoryError: for 10 s no allocation succeeds",
    "ctrl_c": "Ctrl-C",
    "soft_reset": "soft reset, as Ctrl-D and mpremote do it",
    "reset": "reset",
    "power_cut": "power cut, and back",
    "cut": "power cut with resume, and back",
    "told_off": "told to be off, then a power cut: `control_off` on a node that resumes, and the power goes at the answer",
    "told_lower": "told a lower target, then a power cut: twice within a minute, and the power goes at the answer",
    "told_open_loop": "told a power, then a power cut: open loop, and the power goes at the answer",
    "told_autotune": "told to autotune, then a power cut: the power goes at the answer",
    "told_no_power": "told `_maxheaterpower` 0, then a power cut: the power goes at the answer",
    "told_limits": "told narrower `target_limits`, then a power cut: they exclude the target, and the power goes at the answer",
    "told_range": "told a narrower `_allowed_range`, then a power cut: too hot for it, and the power goes at the answer",
    "trip_and_cut": "tripped, then a power cut: the sensor's wire breaks, and the power goes when that is told",
    "hung_and_cut": "watchdog, then a power cut: a loop hangs, and in the start after it the power goes",
    "flash_full": "flash full: told to be off, the power goes at the answer, and nothing can be written after it either",
    "ctrl_c_twice": "Ctrl-C twice: the second one 5 ms after the first",
    "client_gone": "client gone: the one that set the target, in the middle of a request",
    "client_silent": "clients silent: nobody says anything any more, and _deadman is 5 s",
    "client_floods": "clients flood: two send as fast as they can, one of them takes no answers",
    "clock_forward": "clock jumps forward by 400 days",
    "clock_back": "clock jumps back by 400 days",
}
FAULTS_OF_OTHERS = {
    "none": "no fault",
    "timer_dies": "timer dies: nothing switches the relay any more, while it is on",
    "chip_silent": "chip silent: the sensor's converter does not answer any more",
    "chip_frozen": "chip frozen: it answers as before, and measures nothing new",
    "bus_stuck": "bus stuck: its data line is pulled low",
    "couple_open": "thermocouple open: its wire is broken",
    "couple_reversed": "thermocouple reversed: its wires are the other way round",
    "junction_off": "cold junction off: the chip takes it for 0 °C",
    "dac_deaf": "DAC deaf: it answers, and keeps the voltage that it has",
    "stuck_and_hung": "bus stuck, then a loop that hangs: the voltage stays at what it was, and nobody decides",
    "off_fails": "off fails: Ctrl-C, and an exception where the heater is to be switched off",
}


@dataclass(frozen=True)
class Cell:
    """A fault in a phase, and what is expected: `what` within `limit` (s, or K for "on"), told within `told` s."""

    fault: str
    phase: str
    what: str
    limit: float
    told: float
    says: str  # a regular expression
    group: str = ""  # of OTHERS

    @property
    def name(self):
        return "-".join(word for word in (re.sub(r"\W+", "_", self.group), self.fault, self.phase) if word)

    @property
    def node(self):
        return OTHERS[self.group][0] if self.group else NODE

    @property
    def watched(self):
        """For how long it is watched where it does no harm (s), where the block has to be then (degC)."""
        return (_FURNACE if self.group == "furnace" else PHASES | _BOTH)[self.phase]

    @property
    def maximum(self):
        """degC that the node allows."""
        return _MAXIMA.get(self.group, MAXIMUM)

    def plan(self):
        """What the trial is told."""
        seconds, target = self.watched
        seconds = max(seconds, _LONG.get(self.fault, 0))
        if self.what in ("bounded", "less", "blind"):
            seconds = _DRIFT
        elif self.what == "on":
            seconds = max(seconds, _PATIENT.get(self.group, 0))
        elif self.what != "warned":
            seconds = self.told + _AFTER
        return {
            "phase": self.phase.replace("open loop", "driving"), "fault": self.fault, "seconds": seconds,
            "recover": _CAUSE if self.what == "off" else 0, "resume": self.fault in _RESUMING,
        } | ({"block": _BLOCKS[self.group][self.phase]} if self.phase in _BLOCKS.get(self.group, ()) else {}
        ) | ({"module": OTHERS[self.group][1]} if self.group else {}) | PLANS.get(self.group, {})  # fmt: skip


def cells():
    """All of them, in the table's order."""
    lines = [[word.strip() for word in line.split("|", 9)] for line in EXPECTED.strip().splitlines()]
    phases = lines[0][1:9]
    assert phases == list(PHASES)
    for fault, *expected, says in lines[1:]:
        for phase, cell in zip(phases, expected, strict=True):
            what, _, limits = cell.partition(" ")
            limit, _, told = limits.partition("/")
            yield Cell(fault, phase, what, float(limit or 0), float(told or limit or 0), says)


def others():
    """Those of the other nodes."""
    for group, (_, _, table) in OTHERS.items():
        first, *lines = [[word.strip() for word in re.split(r"\|(?!\w)", line)] for line in table.strip().splitlines()]
        for fault, *expected, says in lines:
            for phase, cell in zip(first[1:-1], expected, strict=True):
                if cell:
                    what, _, limits = cell.partition(" ")
                    limit, _, told = limits.partition("/")
                    yield Cell(fault, phase, what, float(limit or 0), float(told or limit or 0), says, group)


class Trials:
    """Runs cells at a level: `python` is its interpreter, `folder` the image of a node, `host` the folder of the board HOST."""

    def __init__(self, python, folder, host=paths.BOARDS / "HOST", script=paths.BOARDS / "HOST" / "trial" / "trial.py"):
        self._command = [python, *([] if micropython.is_micropython(python) else ["-B", "-u"])]
        self._command += [str(script), str(folder), str(host), str(paths.SHIMS)]

    def run(self, cell):
        """What happened, see boards/HOST/trial; what happened after the next start is in `again`."""
        with tempfile.TemporaryDirectory(prefix="secnode-") as kept:
            plan = cell.plan()
            if plan["resume"] and cell.phase == "start":
                Path(kept, "settings.json").write_text(json.dumps(_KEPT), "utf-8")
            found = self.once(plan, kept)
            again = {
                "module": plan.get("module", "heater"),
                "seconds": 60,
                "resume": plan["resume"],
                "full": cell.fault == "flash_full",
                "block": found["block"],
            }
            if cell.fault == "hung_and_cut":
                again["block"] = self.once({**again, "phase": "between", "fault": "power_cut"}, kept)["block"]
            if cell.what in ("ends", "resumes"):
                found["again"] = self.once({**again, "phase": "again", "fault": "none"}, kept)
        return found

    def once(self, plan, kept, timeout=300):
        """One start of the board, its settings and the like in the folder `kept`; `timeout` s on the PC at most."""
        env = host.environment(settings=Path(kept, "settings.json"), reset=Path(kept, "reset"))
        given = Path(kept, "plan.json")  # words of a command have 255 bytes in MicroPython
        given.write_text(json.dumps(plan), "utf-8")
        done = subprocess.run(
            [*self._command, str(given)], env={**env, "PYTHONHASHSEED": "0"},
            capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            found = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            found = {"mistake": "it printed nothing"}
        if "mistake" in found:
            raise Problem(f"a trial came to no end: {plan} by {self._command}\n{done.stderr.strip()}")
        return found


def judge(cell, found):
    """What deviates from the expected, as a list of words."""
    return [words for good, words in _claims(cell, found) if not good]


def _claims(cell, found):
    """Pairs: whether it is so, and what to say where it is not."""
    status = found.get("status") or [0, ""]
    told, text = found.get("told"), found.get("text") or ""
    yield not any(found["levels"]), "an output is high at the end"
    if cell.what not in ("told", "blind", "late"):
        yield found["peak"] <= cell.maximum, f"the block reached {found['peak']} degC"
    if cell.what in ("off", "late", "dead", "ends"):
        yield not found["on"], "the heater has power at the end"
        yield found["off"] is None or found["off"] <= cell.limit, f"off after {found['off']} s"
    if cell.what in ("off", "late", "dead", "told"):
        yield told is not None and told <= cell.told, f"told after {told} s"
        yield status[0] == 400, f"the status is {status}"
        yield re.search(cell.says, text), f"the status says {text!r}"
    yield found.get("served", True), "after it, clients find no place"
    if cell.what in ("on", "cold"):
        fine = status[0] < 400 if cell.limit else status[0] in (100, 300, 370, 380)
        yield told is None and fine, f"told {text!r} after {told} s, the status is {status}"
        target = cell.watched[1]
        if target and cell.what == "on":
            yield abs(found["block"] - target) <= (cell.limit or 1), f"the block ends at {found['block']} degC"
        jitter = found.get("jitter")
        yield jitter is not None and jitter <= _JITTER, f"the control's period was off by {jitter} ms"
        if cell.phase == "autotuning":
            yield status[1].startswith("autotuned"), f"the status is {status}"
        if cell.phase == "idle" or cell.what == "cold":
            yield not found["off"], f"it heats after {found['off']} s"
    if cell.what == "less":
        yield found.get("warned", 1e9) <= cell.limit, f"warned after {found.get('warned')} s"
        yield status[0] == 200 and re.search(cell.says, status[1]), f"the status is {status}"
        yield found["peak"] <= found.get("warned at", 0) + 2, f"the block reached {found['peak']} degC after it"
    if cell.what in ("warned", "blind"):
        yield found.get("warned", 1e9) <= (cell.limit or 1), f"warned after {found.get('warned')} s"
        yield re.search(cell.says, found.get("words", "")), f"the warning says {found.get('words')!r}"
        yield told is None and status[0] < 400, f"told {text!r} after {told} s, the status is {status}"
        if cell.what == "blind" or "good as off" in cell.says:
            yield re.search(cell.says, status[1]), f"the status is {status}"
    if cell.what == "warns":
        yield (found["off"] or 0) <= cell.limit and not found["on"], f"off after {found['off']} s"
        yield status[0] == 200 and re.search(cell.says, status[1]), f"the status is {status}"
    if cell.what in ("ends", "resumes"):
        yield from _claims_of_restart(cell, found["again"])
    else:
        yield found["code"] == 0, f"the program ended with {found['code']}"
    if "other" in found:
        yield from _claims_of_the_other(cell, found["other"])
    if cell.what == "off":
        yield found["refused"] == "IsError", f"a new target was answered by {found['refused']}"
        at_once = found["cleared at once"]
        yield (
            (at_once != "done") == (cell.fault in _STANDING and (cell.group, cell.fault) not in _HIDDEN),
            f"clear_errors was answered by {at_once} at once",
        )
        yield found["checked"] == "checked", f"check was answered by {found['checked']}"
        yield found["cleared"] == "done", f"clear_errors was answered by {found['cleared']}"
        yield found["off again"] and found["heats again"], "it did not come back"


def _claims_of_the_other(cell, other):
    if cell.what == "ends":
        yield not other["on"] and other["off"] <= cell.limit, f"the other heater was off after {other['off']} s"
    elif cell.what != "dead":  # it is off then as well: the firmware has failed
        yield other["status"] == [100, "at target"], f"the other one's status is {other['status']}"
        yield abs(other["block"] - 40) <= 1, f"the other block ends at {other['block']} degC"


def _claims_of_restart(cell, again):
    yield re.search(cell.says, again["started"] or ""), f"the next start was by {again['started']!r}"
    yield again["first"] == 0, "an output was not low first"
    if cell.what == "resumes":
        yield again["off"] is not None, "it does not resume"
    else:
        yield again["off"] is None and not again["on"], "it heats after a restart"
    if cell.fault == "flash_full" and cell.phase not in ("idle", "autotuning", "open loop"):
        yield "flash can't be written" in again["status"][1], f"after the restart the status is {again['status']}"
    yield not any(again["levels"]), "an output is high at the end of the next run"
