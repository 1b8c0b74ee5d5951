"""What a node's file attaches to the simulated board: models of its own, by a function simulate(attach).

On a board nobody calls that. `attach("i2c0", 0x48, model)` is a chip on a bus (sim_buses.py), `attach("pin", 14, model)` what
drives an input, `attach("adc", 26, model)` what is at an ADC (wired.py). `attach("plant", board.HEATER_PIN, {"capacity": 600})`
is what the heater at that pin heats: attributes of plant.Plant. With several heaters "thermometer": ("spi0", 17) is the chip on
it.
"""

import sys

models = {}  # (name of a bus, address or chip select), ("pin" or "adc", pin) -> model
_asked = []  # modules of nodes


def attach(place, address, model):
    """Put a model to a place."""
    models[place, address] = model


def find(place, address):
    """The model at a place, None where the node has none."""
    for name in list(sys.modules):
        if name.startswith("nodes.") and name not in _asked:
            _asked.append(name)
            if hasattr(sys.modules[name], "simulate"):
                sys.modules[name].simulate(attach)
    return models.get((place, address))
