"""What is wired to inputs and ADCs of the simulated board, and what breaks at a pin.

A model is a function of `level`, by which it sees what the node's outputs have: level(15) is 0 or 1, with PWM in between.
`attach("pin", 14, lambda level: level(15))` is a contact at pin 14 that follows the output at pin 15, `attach("adc", 26,
lambda level: 1.5)` are 1.5 V at an ADC. Loaded for a node that has inputs, or a model at an ADC.
"""

import attached
import machine

FAULTS = {
    "none": "the pin is whole",
    "low": "it is shorted to ground",
    "high": "it is shorted to the supply",
    "stuck": "it stays as it is",
}
_SUPPLY = 3.3  # V
broken = {}  # pin -> (fault, what it had then)
_known = {}  # pins that were read -> the last they had


def level(pin):
    """What an output has, as a model sees it."""
    return machine.levels.get(pin, 0)


def digital(pin, otherwise):
    """The level that is read at a pin, 0 or 1; `otherwise` is what it has where nothing is attached."""
    return round(_see("pin", pin, otherwise, 1))


def volts(pin):
    """The voltage at an ADC's pin that has a model."""
    return _see("adc", pin, 0, _SUPPLY)


def fault(name, pin):
    """Break a pin. Raises KeyError for a name that is not in FAULTS, and for a pin that nobody has read."""
    FAULTS[name]
    had = _known[pin]
    broken[pin] = name, had
    if name == "none":
        broken.pop(pin)


def pins():
    """The pins that may break: those that were read."""
    return sorted(_known)


def _see(kind, pin, value, top):
    model = attached.find(kind, pin)
    if model:
        value = model(level)
    name, had = broken.get(pin, ("none", None))
    if name == "stuck":
        return had
    if name != "none":
        return top if name == "high" else 0
    _known[pin] = value
    return value
