"""Microchip MCP4725: an analogue output of 12 bits, by I2C.

    bus: I2C up to 400 kHz (3.4 MHz with its own begin), address 0x60 to 0x67 by type and the pin A0; 2.7 to 5.5 V
    wiring: VDD to 3V3, VSS to GND, SCL to SCL, SDA to SDA, A0 to GND or 3V3; VOUT is the output
    range: 0 V to its supply; 0.8 mV a step at 3.3 V
    reading: 0.6 ms, all of which blocks at 100 kHz; setting 1 ms
    memory: 64 B
    faults: no answer, stuck bus, another value than was set (CommunicationFailed); an EEPROM that is not at the safe level
        (HardwareError)

Source: Microchip, datasheet DS22039, chapters 5 to 7.
"""

from secnode.errors import CommunicationFailed, HardwareError


class MCP4725:
    """MCP4725(board.i2c("i2c0"), supply=3.3): an output for modules.analogue_output, from `low` to `high` in `unit`.

        supply: 2.7 to 5.5 V; analogue output: supply voltage of its converter

    `scale` in `unit` per volt is of what comes after it: 10 / 3.3 for an amplifier to 10 V, with `what` and `unit` for what
    that is. `safe` in `unit` is given at every start and end.

    It keeps its voltage while the board is reset, and powers up with what its EEPROM says: half its supply, from the factory.
    So it drives nothing until the EEPROM says `safe`: `secnode selftest --dac` writes that, once. Here nothing ever does.
    Raises ValueError for a safe level that it can't give.
    """

    def __init__(self, bus, address=0x60, supply=3.3, safe=0.0, scale=1, what="output voltage", unit="V"):
        self.device = bus.device(address, "MCP4725")
        self.what = what
        self.unit = unit
        self._step = supply / 4096 * scale
        self.low = 0.0
        self.high = 4095 * self._step
        if not 0 <= safe <= self.high:
            raise ValueError("the safe level is from 0 to %g %s" % (self.high, unit))
        self._safe = round(safe / self._step)
        self._code = None  # what it was set to; at first nobody knows
        self._buf = bytearray(5)
        self._out = bytearray(2)
        self.trouble = ""  # why it does not drive, as words
        try:
            self.off()
        except CommunicationFailed:
            pass  # it is not there: read() will say so, and does it as soon as it is

    def read(self):
        """The level that it gives, read back. Where that is not what was set it goes to the safe level, and `trouble` says why.

        Raises CommunicationFailed.
        """
        code = self._read()
        if code != self._code:
            if self._code is not None:
                text = "it gave %.3g %s, not what was set: its supply dropped out. Now it is at its safe level: set it anew"
                self.trouble = text % (code * self._step, self.unit)
            self.off()
            code = self._safe
        self._look_at_eeprom()
        return code * self._step

    def set(self, value):
        """Give a level from `low` to `high`. Raises CommunicationFailed, HardwareError where its EEPROM is not at `safe`."""
        self._read()
        if self._look_at_eeprom():
            raise HardwareError(self.trouble)
        self._put(min(max(round(value / self._step), 0), 4095))
        self.trouble = ""

    def cut(self):
        """Nothing: a bus may be stuck, and others come first. off() follows."""

    def off(self):
        """Go to the safe level. Raises CommunicationFailed."""
        self._put(self._safe)

    def _put(self, code):
        out = self._out
        out[0] = code >> 8
        out[1] = code & 0xFF
        self.device.write(out)
        if self._read() != code:
            raise self.device.failed("it does not take what it is set to")
        self._code = code

    def _read(self):
        buf = self._buf
        self.device.read_into(buf)
        return 0 if buf[0] & 6 else buf[1] << 4 | buf[2] >> 4  # 6: pulled down

    def _look_at_eeprom(self):
        """By the last _read(): whether it powers up with something else than the safe level."""
        buf = self._buf
        code = 0 if buf[3] & 0x60 else buf[3] << 8 & 0xF00 | buf[4]
        if code == self._safe:
            return False
        text = "its EEPROM says %.3g %s at power on, not %.3g: `secnode selftest --dac %s:0x%02x=%d` mends it, once"
        device = self.device
        self.trouble = text % (
            code * self._step, self.unit, self._safe * self._step, device.bus.name, device.address, self._safe,
        )  # fmt: skip
        return True
