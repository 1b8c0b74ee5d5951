"""Lines that a person types where the simulated board runs: `fault sensor_open` breaks a part of the plant.

With several heaters it is the first one's; `fault sensor_open 3` is that of the heater at pin 3. `fault i2c0 stuck` breaks a
bus, `fault SHT4x absent` the chip of that name, with a place where there are several: `fault i2c0:0x44 absent`, or with the
name of a module that has it: `fault sample open`. `fault pin14 high` is a pin that was read.
"""

import select
import sys

from machine import Timer, ovens
from plant import FAULTS
from secnode.module import Module
from secnode.node import Node

_PERIOD = 300  # ms
_AT_CHIPS = {"sensor_open": "open", "sensor_short": "short", "sensor_stuck": "frozen"}  # what a plant's fault is at a chip
_broken = []  # models that are broken so
_DEEP = 4  # so many objects from a module to its chip: sensor, converter, device
_node = None  # once it is open
busy = False  # a plant that is broken, or a chip in a transfer, looks at the clock, which may bring the next line


def begin():
    """Look for lines from now on; needs `pace` to be read now and then, as every node does."""
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    open_ = Node.open

    def opened(node, *args):
        global _node
        _node = node
        return open_(node, *args)

    Node.open = opened
    Timer().init(period=_PERIOD, mode=Timer.PERIODIC, callback=lambda timer: _look(poll, timer))


def _look(poll, timer):
    global busy
    if not busy and poll.poll(0):
        line = sys.stdin.readline()
        if line:
            busy = True
            try:
                _obey((line if isinstance(line, str) else line.decode()).split())
            finally:
                busy = False
        else:
            timer.deinit()  # nobody is there


def _at_pin(words):
    """Break a pin; whether the words were about that."""
    wired = sys.modules.get("wired")
    if not wired or words[0] != "fault":
        return False
    names = ["pin%d" % pin for pin in wired.pins()]
    if len(words) == 3 and words[1] in names and words[2] in wired.FAULTS:
        wired.fault(words[2], int(words[1][3:]))
        print("%s: %s, %s" % (words[2], wired.FAULTS[words[2]], words[1]))
        return True
    if words[1:] == ["none"]:
        wired.broken.clear()
    elif len(words) == 1 and names:
        print("fault PIN NAME breaks a pin: %s" % ", ".join(names))
        for name in sorted(wired.FAULTS):
            print("  %-17s %s" % (name, wired.FAULTS[name]))
    return False  # the plant has its part in it


def on_buses(words):
    """Break a bus or a chip at one; whether the words were about that."""
    sim_buses = sys.modules.get("sim_buses")
    if not sim_buses or words[0] != "fault":
        return False
    chips = {}  # what they are called -> model
    models = {}  # id of a driver's device -> model
    for bus in sim_buses.opened().values():
        for device in bus.devices:
            models[id(device)] = sim_buses.model(bus, device)
    for bus, address, chip, model in sim_buses.devices():
        if model:
            place = "%s:0x%02x" % (bus.name, address) if hasattr(bus, "scan") else "%s:%s" % (bus.name, address)
            if address == "":
                place = chip  # all alone on its wire
            chips[place.lower()] = model
            chips.setdefault(chip.lower(), model)
    if words[1:] in ([], ["none"]):
        if words[1:]:
            sim_buses.broken.clear()
            for model in chips.values():
                model.break_("none")
        else:
            print("fault BUS NAME breaks a bus: %s" % ", ".join(sorted(sim_buses.opened())))
            for name in sorted(sim_buses.FAULTS):
                print("  %-17s %s" % (name, sim_buses.FAULTS[name]))
            for place in sorted(chips):
                print("fault %s NAME breaks a chip: %s" % (place, ", ".join(sorted(chips[place].FAULTS))))
            print("In place of a chip's name may be that of a module which has it.")
        return False  # the plant has its part in it
    if len(words) != 3:
        return False
    what, name = words[1:]
    if what in sim_buses.opened() and name in sim_buses.FAULTS:
        sim_buses.broken[what] = name
        if name == "none":
            sim_buses.broken.pop(what)
        print("%s: %s, %s" % (name, sim_buses.FAULTS[name], what))
        return True
    for model in [chips.get(what.lower())] + _of_module(what, models):
        if model and name in model.FAULTS:
            model.break_(name)
            print("%s: %s, %s" % (name, model.FAULTS[name], what))
            return True
    return False


def _of_module(name, models):
    """The models of the chips that a module has, those that it reads first before those of what it holds."""
    around = [module for module in (_node.modules if _node else ()) if module.name == name]
    found = []
    for _ in range(_DEEP):
        inner = []
        for thing in around:
            for attribute in sorted(getattr(thing, "__dict__", ())):
                value = thing.__dict__[attribute]
                if id(value) in models:
                    found.append(models[id(value)])
                elif not isinstance(value, (Module, Node)):
                    inner.append(value)
        around = inner
    return found


def _at_chips(fault, pins):
    """Chips on the heated blocks at these pins have a sensor's faults in their own way, one at a time as the block itself."""
    sim_buses = sys.modules.get("sim_buses")
    for bus, address, chip, model in sim_buses.devices() if sim_buses else ():
        if "hot" not in getattr(model, "now", ()) or ovens.under((bus.name, address)) not in pins:
            continue
        name = _AT_CHIPS.get(fault)
        if name in model.FAULTS:
            model.break_(name)
            _broken.append(model)
            print("%s: %s, %s" % (name, model.FAULTS[name], chip))
        elif model in _broken:
            _broken.remove(model)
            model.break_("none")
        if name and name not in model.FAULTS:
            print("%s has no such fault; there are: %s" % (chip, ", ".join(sorted(model.FAULTS))))


def _obey(words):
    if not words or _at_pin(words) or on_buses(words):
        return
    network = sys.modules.get("network")  # there with SECNODE_WIFI or SECNODE_ETHERNET alone
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
        _at_chips(name, hit)
    elif name in faults and len(words) == 2:
        network.air.fault(name)
        print("%s: %s" % (name, faults[name]))
    else:
        if words != ["fault"]:
            _at_pin(["fault"])
            on_buses(["fault"])
        print("fault NAME breaks a part of the plant, fault none mends it:")
        for name in sorted(faults):
            print("  %-17s %s" % (name, faults[name]))
        if len(pins) > 1:
            print("It is the first heater's plant; fault NAME PIN is that of the heater at pin %s." % " or ".join(numbers))
