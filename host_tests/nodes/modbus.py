"""Two slaves at UART 1, by Modbus RTU: see host_tests/instruments/test_modbus.py, which has the other end."""

from instruments.modbus import ModbusDevice, Register
from instruments.registers import ModbusDrivable, ModbusReadable, ModbusWritable
from secnode.datainfo import Double, String
from secnode.module import Command, Parameter, Readable
from secnode.node import Node

STATE = {1: ("WARN", "alarm 1"), 32: "sensor broken"}


class Several(Readable):
    value = Parameter(Double(), description="the sum of three registers")
    _set = Command(Double(), String(), description="set three registers, and three coils by whether the number is odd")

    def __init__(self, device, **kwds):
        super().__init__(**kwds)
        self.device = device
        self.registers = Register(40, "int16", count=3)
        self.coils = Register(8, "bit", count=3)

    async def read_value(self):
        return sum(await self.device.ask(self.registers))

    async def do__set(self, argument):
        await self.device.set(self.registers, (int(argument), 1, -1))
        await self.device.set(self.coils, (int(argument) & 1, 0, 1))
        return "%s %s" % (await self.device.ask(self.registers), await self.device.ask(self.coils))


def node(board):
    wire = board.uart("uart1", 115200)
    one = ModbusDevice(wire, 1, Register(122, "uint16"), 9250, timeout=250)
    two = ModbusDevice(wire, 2, timeout=250)
    modules = [
        ModbusReadable(one, i, "int16", name="q%d" % i, description="a whole number", pollinterval=0.5) for i in range(4)
    ]
    modules += (
        ModbusReadable(one, 10, "int32", name="int32", description="two registers"),
        ModbusReadable(one, 12, "int32", swapped=True, name="swapped", description="the low word first"),
        ModbusReadable(one, 14, "float32", "K", state=5, bits=STATE, name="float", description="a float"),
        ModbusReadable(one, 16, "float32", swapped=True, name="swapped_float", description="the low word first"),
        ModbusReadable(one, 18, "uint32", name="uint32", description="two registers"),
        ModbusReadable(one, 20, "int16", "K", function=4, scale=0.1, name="input", description="tenths in an input register"),
        ModbusReadable(one, 3, "bit", function=2, name="contact", description="a discrete input"),
        ModbusReadable(one, 999, name="missing", description="a register that is not there"),
        ModbusWritable(one, 30, "int16", "%", scale=0.1, low=-10, high=100, name="power", description="tenths"),
        ModbusWritable(one, 32, "float32", swapped=True, low=-1000, high=1000, name="setpoint", description="a float"),
        ModbusWritable(one, 5, "bit", name="coil", description="a coil"),
        ModbusDrivable(
            one,
            50,
            51,
            "int16",
            "K",
            scale=0.1,
            low=0,
            high=500,
            tolerance=1,
            name="loop",
            description="a loop",
            pollinterval=0.2,
        ),
        ModbusReadable(two, 0, "int16", name="second", description="of another slave"),
        Several(one, name="several", description="several at once"),
    )
    return Node("example_org.modbus", "slaves of Modbus", modules=modules)
