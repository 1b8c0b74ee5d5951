"""A laboratory power supply that speaks SCPI (VOLT, CURR, OUTP, MEAS, SYST:ERR?) by its serial port: docs/instruments.md."""

from instruments.line import LineDevice
from instruments.tables import LineWritable
from secnode import VERSION
from secnode.datainfo import Bool, String
from secnode.module import IDLE, WARN, Parameter, Readable
from secnode.node import Node


class Errors(Readable):
    """The oldest of the errors that the instrument has noted; asking for it takes it from its list."""

    value = Parameter(String(), description="the instrument's last error, empty where it has none")

    def __init__(self, device, **kwds):
        super().__init__(**kwds)
        self.device = device

    async def read_value(self):
        code, text = await self.device.ask("SYST:ERR?", '%d,"%s"')
        if code:
            self.status = WARN, "%d: %s" % (code, text)
            return text
        self.status = IDLE, ""
        return self.value


def node(board):
    device = LineDevice(board.uart(None, 9600), identify="*IDN?", identity="ACME,", send_end=b"\n", end=b"\n")
    return Node(
        equipment_id="example_org.scpi_supply",
        description="a power supply that speaks SCPI",
        firmware="secnode " + VERSION,
        modules=(
            LineWritable(
                device, "MEAS:VOLT?", "VOLT %.3f", "VOLT?", unit="V", low=0, high=30, name="voltage",
                description="voltage at the output, and that which is set",
            ),
            LineWritable(
                device, "MEAS:CURR?", "CURR %.3f", "CURR?", unit="A", low=0, high=5, name="current",
                description="current, and the most that it gives",
            ),
            LineWritable(
                device, "OUTP?", "OUTP %d", form="%d", name="output", description="whether the output is on",
                value=Parameter(Bool(), description="whether it is on"),
                target=Parameter(Bool(), readonly=False, description="switch it"),
            ),
            Errors(device, name="errors", description="what the instrument complains of"),
        ),
    )  # fmt: skip
