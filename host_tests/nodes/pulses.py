"""A flow meter, a detector, and one that is too fast."""

from drivers.pulses import Pulses
from modules.counter import Counter
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    water = Pulses(board.counter(10, "up"), per_pulse=1 / 450, unit="l", per="min", window=0.5, what="cooling water")
    events = Pulses(board.counter(11))
    wild = Pulses(board.counter(12), window=0.5)
    return Node(
        equipment_id="pulses",
        description="for tests",
        modules=(
            Quantity(water.rate, name="flow", description="x", pollinterval=0.1),
            Quantity(water.total, name="volume", description="x"),
            Counter(events, name="events", description="x"),
            Quantity(wild.rate, name="wild", description="x", pollinterval=0.1),
        ),
    )


def simulate(attach):
    attach("pulses", 10, lambda level: 75)
    attach("pulses", 11, lambda level: 200000)
    attach("pulses", 12, lambda level: 400000)
