"""A node of SECoP 2.0 with what that has more than 1.0: systems, schemata, meanings as objects, access strings, PREPARED."""

from secnode.datainfo import Double
from secnode.module import BUSY, IDLE, PREPARED, Command, Drivable, Parameter, Readable, status_type
from secnode.node import Node

SCHEMA = "https://raw.githubusercontent.com/SampleEnvironment/SECoP/refs/heads/master/schema/version-2.0.yaml"


class Field(Drivable):
    """A magnet that has to be prepared, and goes when it is told to."""

    interface_classes = ("Magnet",)  # of the class, not of each module
    features = ("HasOffset",)

    value = Parameter(Double(unit="T"), description="field", meaning={"function": "magneticfield", "importance": 10})
    status = Parameter(
        status_type("IDLE", "PREPARED", "BUSY", "PREPARING", "FINALIZING", "WARN_PREPARED"),
        description="status", default=(IDLE, ""),
    )  # fmt: skip
    target = Parameter(Double(-5, 5, unit="T"), readonly=False, default=0, description="field", visibility="wwr")
    offset = Parameter(Double(unit="T"), readonly=False, default=0, description="offset", visibility="expert")
    _current = Parameter(Double(unit="A"), default=0, description="current", visibility="expert")
    prepare = Command(description="cool the switch's heater down")
    go = Command(description="begin")
    hold = Command(description="stay")

    def __init__(self, **properties):
        super().__init__(**properties)
        self.value = 0

    def do_prepare(self):
        self.status = PREPARED, "the switch is open"

    def do_go(self):
        self.status = BUSY, "on the way"

    def do_hold(self):
        self.status = PREPARED, "paused"

    def do_stop(self):
        self.status = IDLE, ""


def node(board):
    return Node(
        secop="2.0",
        equipment_id="example_org.version2",
        description="what SECoP 2.0 has more",
        systems={"magnet": {"description": "a magnet", "system": "CryoMagnet", "modules": {"B": "field", "T": "coil"}}},
        schemata=[SCHEMA, "https://example.org/magnets.yaml"],
        modules=(
            Field(name="field", description="field", meaning=("magneticfield_regulation", 40)),
            Readable(
                name="coil", description="its temperature", visibility="advanced",
                value=Parameter(Double(unit="K"), default=4.2, description="temperature"),
                meaning={
                    "function": "temperature", "importance": 20, "belongs_to": "sample",
                    "link": "https://w3id.org/nfdi4cat/voc4cat_0000051", "key": "synthesis temperature",
                },
            ),
        ),
    )  # fmt: skip
