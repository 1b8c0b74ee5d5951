"""A Eurotherm 2200 or 2400 by Modbus RTU on RS-485: docs/instruments.md.

Registers: the series' communications handbook, HA026230, pages 5-3 to 5-20. An address n has its float at 0x8000 + 2 n.
"""

from instruments.modbus import ModbusDevice
from instruments.registers import ModbusDrivable, ModbusReadable
from secnode import VERSION
from secnode.node import Node

_FLOATS = 0x8000
# the fast status byte
STATUS = {
    1: ("WARN", "alarm 1"),
    2: ("WARN", "alarm 2"),
    4: ("WARN", "alarm 3"),
    8: ("WARN", "alarm 4"),
    16: ("WARN", "it is set to manual"),
    32: "sensor broken",
    64: "loop broken",
    128: "heater failed",
}


def node(board):
    device = ModbusDevice(board.uart(None, 9600), address=1)
    return Node(
        equipment_id="example_org.eurotherm",
        description="a temperature controller Eurotherm 2400",
        firmware="secnode " + VERSION,
        modules=(
            ModbusDrivable(
                device, _FLOATS + 2 * 1, _FLOATS + 2 * 2, "float32", "°C", low=0, high=1200, tolerance=1, settle=30,
                state=74, bits=STATUS, name="loop", description="process value and setpoint",
            ),
            ModbusReadable(
                device, _FLOATS + 2 * 5, "float32", "°C", name="setpoint",
                description="what it controls to: on a ramp, where that is",
            ),
            ModbusReadable(device, _FLOATS + 2 * 4, "float32", "%", name="output", description="power of its output"),
        ),
    )  # fmt: skip
