"""As lossy_line.py, a slave of Modbus RTU."""

from instruments.modbus import ModbusDevice, Register
from instruments.registers import ModbusReadable, ModbusWritable
from secnode.node import Node

POLL = 3600, 3600, 3600, 0.3  # s


def node(board):
    device = ModbusDevice(board.uart("uart1", 9600), 1, Register(122, "uint16"), 9250, timeout=100)
    modules = [
        ModbusReadable(device, 2 * i, "int32", name="q%d" % i, description="a channel", pollinterval=POLL[i]) for i in range(4)
    ]
    modules.append(
        ModbusWritable(device, 50, "int32", low=0, high=9999999, name="set", description="to set", pollinterval=3600)
    )
    return Node("example_org.lossy_modbus", "a slave at a bad cable", modules=modules)
