"""What a node's file attaches to the simulated board: models of its own, by a function simulate(attach).

On a board nobody calls that. `attach("i2c0", 0x48, model)` is a chip on a bus (sim_buses.py), `attach("pin", 14, model)` what
drives an input, `attach("adc", 26, model)` what is at an ADC (wired.py).
"""

import sys

models = {}  # (name of a bus, place on it), ("pin" or "adc", pin) -> model
_asked = []  # modules of nodes


def attach(bus, address, model):
    """Put a model of one's own at an address of an I2C bus, at a chip select of an SPI bus, or on a 1-Wire bus by its ROM code
    as text; `bus` is its name. It has what is in chips/models.py; where it lacks faults it may be pulled off alone.

    Or at a pin; then it is a function, see wired.py.
    """
    if bus not in ("pin", "adc") and not hasattr(model, "break_"):
        model = _Own(model)
    models[bus, address] = model


def ask():
    """Have the nodes attach what they have."""
    for name in list(sys.modules):
        if name.startswith("nodes.") and name not in _asked:
            _asked.append(name)
            if hasattr(sys.modules[name], "simulate"):
                sys.modules[name].simulate(attach)


class _Own:
    """A model of which nobody said what may break."""

    FAULTS = {"none": "the chip is whole", "absent": "the chip is pulled off"}
    MODES = ((0, 0), (0, 1), (1, 0), (1, 1))

    def __init__(self, model):
        self.fault = "none"
        for name in ("write", "read", "select", "exchange", "present", "write_bit", "read_bit"):
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))

    def break_(self, fault):
        self.FAULTS[fault]
        self.fault = fault
