"""A gauge controller Pfeiffer TPG 261 or 262 by its RS-232: two gauges. Wiring and dialogue: docs/instruments.md.

Its protocol (BG 5195 BEN, pages 67 to 71): a request is acknowledged by ACK, and ENQ asks for the answer.
"""

from instruments.line import LineDevice
from instruments.tables import LineReadable
from secnode import VERSION
from secnode.errors import CommunicationFailed
from secnode.node import Node

_ENQ = b"\x05"
_ACK = 6
_NAK = 21

GAUGE = {
    1: ("WARN", "below the gauge's range"),
    2: ("OutOfRange", "above the gauge's range"),
    3: "sensor error",
    4: ("Disabled", "the gauge is switched off"),
    5: "no gauge is plugged in",
    6: "the gauge is of no known kind",
}


class ENQDevice(LineDevice):
    """A LineDevice whose requests are acknowledged, and whose answers are asked for by ENQ."""

    async def exchange(self, request):
        wire = self.wire
        await self.send(request)
        if await wire.read_line(self.end, self.timeout) != 1 or wire.buffer[0] != _ACK:
            refused = wire.length == 1 and wire.buffer[0] == _NAK
            raise CommunicationFailed("it refuses %s" % request if refused else "no ACK of %s" % request)
        await wire.send(_ENQ)
        if await wire.read_line(self.end, self.timeout) < 0:
            raise CommunicationFailed("no answer to %s" % request)


def node(board):
    # UNI asks for the unit of its display, which is that of its answers: 0 is mbar
    device = ENQDevice(board.uart(None, 9600), identify="UNI", identity="0")
    return Node(
        equipment_id="example_org.tpg262",
        description="a gauge controller TPG 262",
        firmware="secnode " + VERSION,
        modules=(
            LineReadable(device, "PR1", "%c,%f", "Pa", scale=100, errors=GAUGE, name="gauge1", description="gauge 1"),
            LineReadable(device, "PR2", "%c,%f", "Pa", scale=100, errors=GAUGE, name="gauge2", description="gauge 2"),
        ),
    )
