"""Lines that a person types where the simulated board runs: `fault sensor_open` breaks a part of the plant.

With several heaters it is the first one's; `fault sensor_open 3` is that of the heater at pin 3.
"""

import select
import sys

from machine import Timer, ovens
from plant import FAULTS

_PERIOD = 300  # ms
_busy = False  # a plant that is broken looks at the clock, which may bring the next line


def begin():
    """Look for lines from now on; needs `pace` to be read now and then, as every node does."""
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    Timer().init(period=_PERIOD, mode=Timer.PERIODIC, callback=lambda timer: _look(poll, timer))


def _look(poll, timer):
    global _busy
    if not _busy and poll.poll(0):
        line = sys.stdin.readline()
        if line:
            _busy = True
            try:
                _obey((line if isinstance(line, str) else line.decode()).split())
            finally:
                _busy = False
        else:
            timer.deinit()  # nobody is there


def _obey(words):
    if not words:
        return
    network = sys.modules.get("network")  # there with SECNODE_WIFI alone
    faults = {}
    faults.update(FAULTS)
    if network:
        faults.update(network.FAULTS)
    pins = ovens.heaters()
    numbers = [str(pin) for pin in pins]
    name = words[1] if len(words) in (2, 3) and words[0] == "fault" else ""
    if name in FAULTS and (len(words) == 2 or words[2] in numbers):
        hit = ovens.fault(name, int(words[2]) if len(words) == 3 else None)
        if network and name == "none":
            network.air.fault(name)
        of = ", heater at pin %s" % hit[0] if len(hit) < len(pins) else ""
        print("%s: %s%s" % (name, faults[name], of))
    elif name in faults and len(words) == 2:
        network.air.fault(name)
        print("%s: %s" % (name, faults[name]))
    else:
        print("fault NAME breaks a part of the plant, fault none mends it:")
        for name in sorted(faults):
            print("  %-17s %s" % (name, faults[name]))
        if len(pins) > 1:
            print("It is the first heater's plant; fault NAME PIN is that of the heater at pin %s." % " or ".join(numbers))
