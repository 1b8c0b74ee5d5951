"""Drivers of others, most of them Adafruit's, over the models of boards/HOST/chips, answering questions as ours.py does.

    python adafruit.py CHIPS        with the packages of requirements.txt; CHIPS is the folder of the models

Its busio is the 40 lines below. Time goes on when a driver sleeps.
"""

import json
import sys
import time
import types

sys.path.insert(0, sys.argv[1])

import models

_now = 0.0


def _sleep(seconds):
    global _now
    _now += seconds


time.sleep = _sleep
time.monotonic = lambda: _now
models.clock = lambda: int(_now * 1000)

# not Blinka's, which look for the pins of the machine that they run on
for _name in ("board", "busio", "digitalio", "microcontroller", "onewireio"):
    sys.modules[_name] = types.ModuleType(_name)
sys.modules["busio"].I2C = sys.modules["busio"].SPI = sys.modules["digitalio"].DigitalInOut = object  # for annotations
sys.modules["microcontroller"].Pin = object


class Bus:
    """busio's I2C and SPI with one model on it."""

    def __init__(self, model):
        self.model = model

    def try_lock(self):
        return True

    def unlock(self):
        pass

    # I2C

    def _alive(self):
        _sleep(0.0003)  # what the bytes take
        if self.model.fault == "absent":
            raise OSError("no answer")
        return self.model

    def writeto(self, address, buffer, *, start=0, end=None):
        if not self._alive().write(bytes(buffer[start:end])):
            raise OSError("no answer")

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        end = len(buffer) if end is None else end
        data = self._alive().read(end - start)
        if data is None:
            raise OSError("no answer")
        buffer[start:end] = data

    def writeto_then_readfrom(self, address, out, into, *, out_start=0, out_end=None, in_start=0, in_end=None):
        self.writeto(address, out, start=out_start, end=out_end)
        self.readfrom_into(address, into, start=in_start, end=in_end)

    # SPI

    def configure(self, *, baudrate=100000, polarity=0, phase=0, bits=8):
        assert (polarity, phase) in self.model.MODES

    def write(self, buffer, *, start=0, end=None):
        self._exchange(bytes(buffer[start:end]))

    def readinto(self, buffer, *, start=0, end=None, write_value=0):
        end = len(buffer) if end is None else end
        buffer[start:end] = self._exchange(bytes([write_value]) * (end - start))

    def write_readinto(self, out, into, *, out_start=0, out_end=None, in_start=0, in_end=None):
        data = self._exchange(bytes(out[out_start:out_end]))
        into[in_start : in_start + len(data)] = data

    def _exchange(self, data):
        _sleep(0.0001)
        if self.model.fault == "absent":
            return bytes(len(data))
        return bytes(self.model.exchange(byte) for byte in data)


class Wire:
    """onewireio's OneWire with one model on it."""

    def __init__(self, model):
        self.model = model

    def reset(self):
        _sleep(0.001)
        return self.model.fault == "absent" or not self.model.present()

    def read_bit(self):
        _sleep(0.00007)
        return self.model.fault == "absent" or bool(self.model.read_bit())

    def write_bit(self, value):
        _sleep(0.00007)
        self.model.write_bit(int(value))


class Select:
    """digitalio's DigitalInOut at a chip select."""

    def __init__(self, model):
        self.model = model
        self._value = True

    def switch_to_output(self, value=True):
        self.value = value

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        if self._value and not value:
            self.model.select()
        self._value = value


def sht4x(bus, model):
    from adafruit_sht4x import SHT4x

    chip = SHT4x(bus)
    return lambda: list(chip.measurements)


def sht3x(bus, model):
    from adafruit_sht31d import SHT31D

    chip = SHT31D(bus)
    return lambda: list(chip._read())  # as its temperature and humidity do, which read one each


def ads(bus, kind, channels, gains):
    from adafruit_ads1x15.analog_in import AnalogIn

    chip = kind(bus)

    def read():
        found = []
        for pins, gain in zip(channels, gains, strict=True):
            chip.gain = gain
            found.append(AnalogIn(chip, *pins).voltage)
        return found

    return read


def ads1115(bus, model, channels, gains):
    from adafruit_ads1x15 import ADS1115

    return ads(bus, ADS1115, channels, gains)


def ads1015(bus, model, channels, gains):
    from adafruit_ads1x15 import ADS1015

    return ads(bus, ADS1015, channels, gains)


def max31865(bus, model, **kwds):
    from adafruit_max31865 import MAX31865

    chip = MAX31865(bus, Select(model), **kwds)

    def read():
        value = chip.temperature
        if any(chip.fault):
            raise ValueError(chip.fault)
        return [value]

    return read


def max31856(bus, model, kind):
    from adafruit_max31856 import MAX31856, ThermocoupleType

    chip = MAX31856(bus, Select(model), getattr(ThermocoupleType, kind))

    def read():
        found = [chip.temperature, chip.reference_temperature]
        if any(chip.fault.values()):
            raise ValueError(chip.fault)
        return found

    return read


def max31855(bus, model, kind="K"):
    from adafruit_max31855 import MAX31855

    chip = MAX31855(bus, Select(model))
    if kind != "K":
        # Adafruit's knows the tables of type K alone: what the chip says by its straight line, by somebody else's
        import thermocouple_its90

        couple = thermocouple_its90.get(kind)
        end = 400 if kind == "T" else 1000

        def read():
            chip_says, junction = chip.temperature, chip.reference_temperature
            seen = (chip_says - junction) * couple.emf(end) / end
            return [couple.temperature(seen + couple.emf(junction)), junction]

        return read
    return lambda: [chip.temperature_NIST, chip.reference_temperature]


def ina219(bus, model):
    from adafruit_ina219 import INA219

    chip = INA219(bus)
    return lambda: [chip.bus_voltage, chip.current / 1000, chip.power]


def ina226(bus, model):
    """Pamoja's, which has a bus of its own: it gets a copy of the model's registers, and the model what it has written."""
    from pamoja.hal import I2cBus, WordPart
    from pamoja.sensors import Ina226

    def word(register):
        bus.writeto(0x40, bytes([register]))
        data = bytearray(2)
        bus.readfrom_into(0x40, data)
        return data[0] << 8 | data[1]

    def read():
        theirs = I2cBus.simulated()
        chip = Ina226(theirs, 0x40, current_lsb_microamps=100)  # its calibration has no remainder then
        for _ in range(2):  # the second time current and power are by its own calibration
            part = WordPart(0x40).read_only(6, 8)  # a conversion is there
            for register in (*range(8), 0xFE, 0xFF):
                part = part.holding(register, word(register))
            theirs.attach(part)
            found = chip.measure()
            written = theirs.part(0x40).word(5)
            bus.writeto(0x40, bytes([5, written >> 8, written & 0xFF]))
        return [found.bus_microvolts / 1e6, found.current_microamps / 1e6, found.power_microwatts / 1e6]

    return read


def bme280(bus, model):
    from adafruit_bme280.basic import Adafruit_BME280_I2C

    chip = Adafruit_BME280_I2C(bus, 0x76)
    return lambda: [chip.temperature, chip.relative_humidity, chip.pressure]


def ds18b20(bus, model):
    sys.modules["onewireio"].OneWire = Wire
    from adafruit_ds18x20 import DS18X20
    from adafruit_onewire.bus import OneWireBus

    wire = OneWireBus(model)
    found = wire.scan()
    assert [bytes(address.rom) for address in found] == [model.rom]
    chip = DS18X20(wire, found[0])
    return lambda: [chip.temperature]


def mcp4725(bus, model):
    from adafruit_mcp4725 import MCP4725

    chip = MCP4725(bus, address=0x60)
    oracle.chip = chip
    return lambda: [chip.raw_value * 3.3 / 4096]


class Oracle:
    def make(self, chip, **kwds):
        more = (
            [kwds["kind"]] if chip == "MAX31855" and "kind" in kwds else []
        )  # a chip for each type; a MAX31856 is one for all
        self.model = __import__("model_" + chip.lower()).Model(kwds.pop("address", None), *more)
        self.bus = Bus(self.model)
        self.read = globals()[chip.lower()](self.bus, self.model, **kwds)

    def set(self, values):
        self.model.now.update(values)

    def fault(self, name):
        self.model.break_(name)

    def wait(self, ms):
        _sleep(ms / 1000)

    def give(self, share):
        """Set an output, from 0 to 1, and have what its model gives."""
        self.chip.normalized_value = share
        return self.model.now["code"]

    def keep(self):
        """Write an output's EEPROM, and have what its model has there."""
        self.chip.save_to_eeprom()
        return list(self.model.eeprom)


oracle = Oracle()


def main():
    for line in sys.stdin:
        operation, args, kwds = json.loads(line)
        try:
            answer = ["ok", getattr(oracle, operation)(*args, **kwds)]
        except Exception as e:
            answer = ["error", type(e).__name__, str(e)]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
