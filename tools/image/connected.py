"""What is wired to a board for a node: the chips on its buses and what its pins are for, as drivers declare it.

In the process of structure.py, after the node was made. A driver of a chip says in the docstring of its file where its pins go,
and what there is to know:

    wiring: VDD to 3V3, GND to GND, SCL to SCL, SDA to SDA, ADDR to GND or 3V3; keep it off the heater

3V3 and GND, SCL and SDA, SCK, MOSI, MISO and CS, or wire (1-Wire). A pin with a choice is one of the address, the lowest one
first. A driver of a pin says in words what hangs there.
"""

import re
import sys
import types

import stated

_DEEP = 8  # objects within objects
_LINES = {
    "i2c": "VDD to 3V3, GND to GND, SCL to SCL, SDA to SDA",
    "spi": "VDD to 3V3, GND to GND, SCK to SCK, SDI to MOSI, SDO to MISO, CS to CS",
    "onewire": "VDD to 3V3, GND to GND, DQ to wire",
}


def connected(node, opened, devices, asked, lines, outputs):
    """{"buses": [...], "pins": [...]} for tools/proof/wired.py.

    `opened` has the buses by name, `devices` what asked them for a device: {id of a device: the driver}; `asked` what the pins
    were asked for: {pin: (words, object)}; `lines` the pins of the buses: {(line, bus): pin}; `outputs` {pin: (safe level,
    driver)}.
    """
    reached = {module.name: _reached(module, node.modules) for module in node.modules}

    def modules(*things):
        return [name for name, found in reached.items() if any(id(thing) in found for thing in things if thing is not None)]

    buses = []
    for name, bus in sorted(opened.items()):
        kind = type(bus).__module__.rpartition(".")[2]
        chips = []
        for device in bus.devices:
            driver = devices.get(id(device))
            doc = stated.of_docstring(_doc(driver))
            address, code = getattr(device, "address", None), getattr(device, "code", None)
            low = re.search(r"address (0x[0-9A-Fa-f]{2})", doc.get("bus", ""))
            declared = doc.get("wiring") or _LINES[kind]
            pairs, note = stated.wires(declared, address, int(low[1], 16) if low else address)
            chips.append(
                {
                    "chip": str(device.chip), "address": address, "cs": getattr(device, "pin", None) if kind == "spi" else None,
                    "rom": code.hex() if code else None, "wires": pairs, "note": note, "modules": modules(driver, device),
                }
            )  # fmt: skip
        buses.append(
            {"name": name, "kind": kind, "pins": {line: pin for (line, of), pin in lines.items() if of == name}, "chips": chips}
        )
    selects = {chip["cs"] for bus in buses for chip in bus["chips"]}
    pins = []
    for pin in sorted({*asked, *outputs} - selects, key=lambda pin: (isinstance(pin, str), pin)):
        words, thing = asked.get(pin, ("output", None))
        safe, owner = outputs.get(pin, (None, None))
        driver, names = _driver(node, thing, owner, pin, reached)
        note = stated.of_docstring(_doc(driver)).get("wiring", "")
        pins.append(
            {"pin": pin, "what": words, "safe": safe, "driver": type(driver).__name__ if driver else "", "note": note,
             "modules": names}
        )  # fmt: skip
    return {"buses": buses, "pins": pins}


def _driver(node, thing, owner, pin, reached):
    """The driver that has a pin, and the names of the modules that have this one."""
    for key in (id(thing) if thing is not None else None, id(owner) if owner is not None else None):
        names = [name for name, found in reached.items() if key in found]
        if names:
            return (reached[names[0]][key] if key == id(thing) else owner), names
    for name, found in reached.items():  # it was given the number
        for driver in found.values():
            if driver is not None and isinstance(pin, int) and vars(driver).get("_pin") == pin:
                return driver, [name for name, f in reached.items() if id(driver) in f]
    return owner, []


def _doc(driver):
    return getattr(sys.modules.get(type(driver).__module__), "__doc__", None) if driver is not None else None


def _reached(module, modules):
    """What a module works with: {id of an object: the driver that has it, the object itself where it is one}."""
    found = {}
    todo = [(thing, None, 0) for thing in vars(module).values()]
    others = {id(other) for other in modules}
    while todo:
        thing, driver, deep = todo.pop()
        if deep > _DEEP or id(thing) in others:
            continue
        if isinstance(thing, (list, tuple)):
            todo += [(part, driver, deep + 1) for part in thing]
            continue
        bound = getattr(thing, "__self__", None)  # a method
        if bound is not None and hasattr(bound, "__dict__"):
            thing = bound
        of = type(thing).__module__ or ""
        if not hasattr(thing, "__dict__") or isinstance(thing, (type, types.FunctionType)) or of.startswith("secnode."):
            continue
        if id(thing) in found:
            continue
        # the innermost one that says what is wired to it
        if of != "machine" and (driver is None or stated.of_docstring(_doc(thing)).get("wiring")):
            driver = thing
        found[id(thing)] = driver
        if of in ("drivers.i2c", "drivers.spi", "drivers.onewire", "machine"):
            continue  # what else is on the bus is not its
        todo += [(part, driver, deep + 1) for part in vars(thing).values()]
    return found
