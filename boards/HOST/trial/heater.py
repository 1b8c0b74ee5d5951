"""A trial of one heater of any node, by trial.py; or what its heaters are, where the plan's phase is "look".

    python3 heater.py IMAGE HOST SHIMS PLAN        micropython the same

PLAN is what trial.py takes, and "pin", the heater's, "adc" or "chip" (its bus and place), where its sensor is, and "pins",
those of all heaters. Interlocks judge nothing here: they have a trial of their own. "look", under CPython alone, prints a list.
"""

import json
import os
import sys

image, host, shims, plan = sys.argv[1:]
sys.path[:0] = [image, host, __file__.rsplit("/", 1)[0]]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401 - it has effects alone
with open(plan) as f:
    plan = json.load(f)
os.chdir(image)

import virtual  # noqa: E402 - before all that takes the time

virtual.begin(1)
virtual.begin = lambda *_: None  # what trial.py does is done

import stamp  # noqa: E402

import machine  # noqa: E402


def look(node):
    """What the trial has to know of each heater."""
    import attached
    import sim_buses
    from modules.heater import Heater
    from plant import Plant

    found = []
    for module in node.modules:
        if not isinstance(module, Heater):
            continue
        sensor, heater, guard = module.sensor, module.heater, module.guard
        target = module.accessibles["target"].definition.datainfo
        pin = getattr(heater, "_pin", getattr(heater, "_enable", None))
        pin = getattr(pin, "id", pin)
        own = pin is not None and attached.find("plant", pin) or {}
        plant = {key: own.get(key, getattr(Plant, key)) for key in ("capacity", "loss", "lag", "full_power", "surroundings")}
        parts = list(_inside(sensor, 3))
        chips = [
            (name, sim_buses.place(device), device.chip)
            for name, bus in sim_buses.opened().items()
            for device in bus.devices
            if any(part is device for part in parts)
        ]
        allowed = sorted(sensor.temperature(raw) for raw in (guard.low_raw, guard.high_raw))
        found.append(
            {
                "name": module.name, "pin": pin, "output": type(heater).__name__, "sensor": type(sensor).__name__,
                "adc": next((part._pin for part in parts if isinstance(part, machine.ADC)), None),
                "chip": chips[0][:2] if chips else None, "chip name": chips[0][2] if chips else None,
                "faults": sorted(sim_buses.model(*_device(chips[0][0], chips[0][1])).FAULTS) if chips else [],
                "targets": [target.min, target.max], "allowed": allowed, "full": heater.max_power,
                "most": module._maxheaterpower, "plant": plant, "said": sorted(own),
                "gain_time": guard.gain_time, "stuck_time": guard.stuck_time,
                "has": [name for name in ("_deadman", "_jitter", "_started") if name in module.accessibles],
            }
        )  # fmt: skip
    return found


def _device(name, place):
    import sim_buses

    bus = sim_buses.opened()[name]
    return bus, [device for device in bus.devices if sim_buses.place(device) == place][0]


def _inside(thing, depth):
    """What an object is made of: its attributes, and whose methods they are."""
    for part in getattr(thing, "__dict__", {}).values():
        part = getattr(part, "__self__", part)
        yield part
        if depth:
            yield from _inside(part, depth - 1)


def wire():
    """Have trial.py's plant be this heater's, and break its own chip."""
    import sabotage

    ovens = machine.ovens
    ovens._heated = {plan["pin"]: ovens.first}
    ovens._pins = plan["pins"]
    ovens._seen = {plan["adc"]: ovens.first} if plan["adc"] is not None else {}
    if plan["chip"]:

        def first_chip():
            import sim_buses

            bus, device = _device(plan["chip"][0], plan["chip"][1])
            return bus, plan["chip"][1], device.chip, sim_buses.model(bus, device)

        sabotage._first_chip = first_chip


def calm():
    """Have the node's interlocks find nothing."""
    module = __import__("nodes." + stamp.NODE, None, None, ("node",))
    make = module.node

    def node(board):
        made = make(board)
        for one in made.modules:
            if one.name == plan["module"] and not hasattr(one, "wide"):
                one.wide = None  # an Oven's
            if hasattr(one, "condition") and hasattr(one, "actions"):
                one.condition.holds = lambda when, module=None, target=None: False
        return made

    module.node = node


if plan["phase"] == "look":
    import board

    made = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)
    print(json.dumps(look(made) if "modules.heater" in sys.modules else []))
else:
    wire()
    calm()
    sys.path.insert(0, host + "/trial")  # before HOST, whose folder `trial` is a package to MicroPython
    import trial  # noqa: F401 - which runs it
