"""A control loop of a Lake Shore temperature controller with the commands of the models 331 to 336."""

from instruments.moving import LineDrivable
from secnode.datainfo import Double
from secnode.errors import HardwareError
from secnode.module import Parameter

# what RDGST? says of a reading, by its bits
READING = {
    1: "invalid reading",
    2: ("WARN", "old reading"),
    16: ("OutOfRange", "temperature below the curve"),
    32: ("OutOfRange", "temperature above the curve"),
    64: ("OutOfRange", "sensor units at zero"),
    128: ("OutOfRange", "sensor units above the range"),
}


class Loop(LineDrivable):
    """Loop number `loop`, which controls by the sensor at the input `channel` ("A").

    While the controller ramps SETP? says where the ramp is, and RAMPST? that it is under way: the target is the ramp's end.
    Nothing here switches the heater on: its range does, which is another module.
    """

    ramp = Parameter(Double(0, 100, unit="K/min"), readonly=False, description="rate of the setpoint; 0: it goes there at once")
    setpoint = Parameter(Double(unit="K"), description="what the controller controls to: on a ramp, where that is")

    def __init__(self, device, loop, channel, low=0, high=400, tolerance=0.1, settle=10, **kwds):
        self._loop = loop
        query = "KRDG? %s" % channel
        kwds.setdefault("state", "RDGST? %s" % channel)
        kwds.setdefault("bits", READING)
        super().__init__(
            device, query, "SETP %d,%%.3f" % loop, "SETP? %d" % loop, "%f", "K", low, high, tolerance=tolerance, settle=settle,
            **kwds
        )  # fmt: skip

    def _ask_ramping(self, urgent=False):
        return self.device.ask("RAMPST? %d" % self._loop, "%d", urgent)

    async def read_target(self):
        if self._aim is not None and await self._ask_ramping():
            return self.target
        return await self.device.ask(self.readback, "%f")

    async def set_target(self, value):
        if not self.ramp:
            return await super().set_target(value)
        found = 0.0
        for _ in range(self.device.retries + 1):
            await self.device.tell(self.request(value))
            if await self._ask_ramping(True):
                return value
            found = await self.device.ask(self.readback, "%f", True)
            if abs(found - value) <= self.accuracy:  # it was there already
                return value
        raise HardwareError("after %s it says %s to %s" % (self.request(value), found, self.readback))

    def read_setpoint(self):
        return self.device.ask(self.readback, "%f")

    async def read_ramp(self, urgent=False):
        on, rate = await self.device.ask("RAMP? %d" % self._loop, "%d,%f", urgent)
        return rate if on else 0.0

    async def write_ramp(self, value):
        request = "RAMP %d,%d,%.1f" % (self._loop, value > 0, max(value, 0.1))
        found = 0.0
        for _ in range(self.device.retries + 1):
            await self.device.tell(request)
            found = await self.read_ramp(True)
            if abs(found - value) <= 0.06:
                return found
        raise HardwareError("after %s it says that the rate is %s" % (request, found))
