"""Lines that a person types where the simulated board runs: `fault sensor_open` breaks a part of the plant."""

import select
import sys

from machine import Timer, plant
from plant import FAULTS

_PERIOD = 300  # ms


def begin():
    """Look for lines from now on; needs `pace` to be read now and then, as every node does."""
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    Timer().init(period=_PERIOD, mode=Timer.PERIODIC, callback=lambda timer: _look(poll, timer))


def _look(poll, timer):
    if poll.poll(0):
        line = sys.stdin.readline()
        if line:
            _obey((line if isinstance(line, str) else line.decode()).split())
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
    if len(words) == 2 and words[0] == "fault" and words[1] in faults:
        name = words[1]
        if name in FAULTS:
            plant.fault(name)
        if network and (name == "none" or name in network.FAULTS):
            network.air.fault(name)
        print("%s: %s" % (name, faults[name]))
    else:
        print("fault NAME breaks a part of the plant, fault none mends it:")
        for name in sorted(faults):
            print("  %-17s %s" % (name, faults[name]))
