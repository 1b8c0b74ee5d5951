"""A pulse counter: counts for a preset time, or until a preset number of pulses; a detector, a flow meter."""

from drivers.pulses import Pulses
from modules.acquisition import AcquisitionChannel, AcquisitionController, Counts, Elapsed
from modules.quantity import Quantity
from secnode import VERSION
from secnode.node import Node


def node(board):
    pulses = Pulses(board.counter(board.DIGITAL_PINS[0], "up"), what="rate of the pulses")
    timer = AcquisitionChannel(Elapsed(), goal=10, name="timer", description="time of the acquisition; its goal is the preset")
    counts = AcquisitionChannel(Counts(pulses), name="counts", description="pulses of the acquisition; its goal is the preset")
    return Node(
        equipment_id="example_org.pulse_counter",
        description="a pulse counter with presets of time and counts.",
        firmware="secnode " + VERSION,
        modules=(
            AcquisitionController({"t": timer, "counts": counts}, name="detector", description="begins and ends counting"),
            timer,
            counts,
            Quantity(pulses.rate, name="rate", description="pulses a second, always"),
        ),
    )


def simulate(attach):
    """For the simulated board alone: 1000 pulses a second."""
    import board

    attach("pulses", board.DIGITAL_PINS[0], lambda level: 1000)
