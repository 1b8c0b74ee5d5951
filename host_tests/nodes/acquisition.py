"""Acquisitions: one quantity alone, a detector of a user's, one whose hardware has to be made ready."""

from drivers.pulses import Pulses
from modules.acquisition import Acquisition, AcquisitionChannel, AcquisitionController, Counts, Elapsed
from secnode.errors import HardwareError
from secnode.node import Node


class Detector(AcquisitionController):
    """A class that says a name of its own keeps those of the classes above it."""

    interface_classes = ("NeutronDetector",)

    voltage = 0

    def prepared(self):
        self.voltage += 1
        if self.voltage > 3:
            raise HardwareError("no high voltage")


def node(board):
    pulses = Pulses(board.counter(10))
    timer = AcquisitionChannel(Elapsed(), goal=0.5, name="timer", description="x")
    counts = AcquisitionChannel(Counts(pulses), name="counts", description="x")
    return Node(
        equipment_id="acquisition",
        description="for tests",
        secop="2.0",
        modules=(
            Acquisition(Counts(pulses), goal=200, name="single", description="x"),
            Detector({"t": timer, "counts": counts}, name="detector", description="x"),
            timer,
            counts,
            Acquisition(Counts(Pulses(board.counter(11))), name="wild", description="x"),
        ),
    )


def simulate(attach):
    attach("pulses", 10, lambda level: 1000)
    attach("pulses", 11, lambda level: 200000)
