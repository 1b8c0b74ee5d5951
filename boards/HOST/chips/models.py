"""What models of chips have in common. They import nothing of the simulated board, so that any driver can read them.

A model answers as its chip does, register for register: for I2C `write(data)`, whether the chip acknowledges, and `read(n)`,
bytes or None where it does not; for SPI `select()` at the begin of a transfer and `exchange(byte)`, what comes back.
"""

import os

sources = {}  # quantity -> function that gives it, for models that are made from now on
clock = None  # a function that gives ms


class Model:
    """A chip. `now` holds what it would measure, in its quantities' units: a number each, or a function that gives it."""

    QUANTITIES = {}  # quantity -> what it is where nobody says
    FAULTS = {"none": "the chip is whole", "absent": "the chip is pulled off", "frozen": "it measures nothing new"}

    def __init__(self, address=None):
        self.fault = "none"
        self.now = dict(self.QUANTITIES)
        for name in self.now:
            if name in sources:
                self.now[name] = sources[name]
        self._frozen = {}
        self.reset()

    def reset(self):
        """Power on."""

    def break_(self, fault):
        """Break it, or with "none" mend it; raises KeyError for what is not in FAULTS. Pulled off it forgets everything."""
        self.FAULTS[fault]
        self.fault = fault
        self._frozen = {}
        if fault == "absent":
            self.reset()

    def get(self, name):
        """A quantity now."""
        value = self.now[name]
        if not isinstance(value, (int, float)):
            value = value()
        if self.fault == "frozen":
            return self._frozen.setdefault(name, value)
        return value

    def ms(self):
        return clock()


def code(value, low, high, top):
    """The code of a value: `low` is 0 and `high` is `top`; beyond, the nearer of these."""
    return min(max(round((value - low) / (high - low) * top), 0), top)


def since(then, now):
    """ms from one moment to another, by a clock that may come round as MicroPython's."""
    return (now - then + (1 << 29)) % (1 << 30) - (1 << 29)


def find(chip, address):
    """A new model of the chip of that name, whose last letter may be its kind (MAX31855N); None where there is no model."""
    if os.getenv("SECNODE_CHIPS"):
        import apart

        return apart.find(chip, address)
    whole = "model_" + chip.lower()
    for name, kind in ((whole, ()), (whole[:-1], (chip[-1:],))):
        try:
            module = __import__(name)
        except ImportError:
            continue
        return module.Model(address, *kind)
    return None
