"""What the simulated board's pins are wired to: a heated block with two thermistors, one on it and one outside.

The block has a heat capacity and loses heat to its surroundings; its thermistor lags behind and the ADC is noisy, all
as on a bench. It is advanced whenever somebody looks, by the time that has passed in control time (pace.py). Its parts
break on request: `fault("sensor_open")`, names in FAULTS.
"""

import math
import random

import attached
from secnode import pace

_BETA = 3950
_T25 = 298.15
_KELVIN = 273.15
_STEP = 0.05  # s, of the integration

# what can be wrong, and what it does
FAULTS = {
    "none": "everything is whole",
    "sensor_open": "the wire of the sensor is broken",
    "sensor_short": "the sensor is shorted",
    "sensor_stuck": "the ADC gives the same count for ever",
    "sensor_noisy": "the noise of the ADC is 20 times larger",
    "sensor_slow": "the sensor lags ten times as much: it is badly glued",
    "sensor_drift": "the sensor reads lower by 0.05 K every second",
    "sensor_off": "the sensor hangs in the air beside the block",
    "adc_glitch": "every hundredth conversion is nonsense",
    "heater_open": "the heater's wire is broken",
    "transistor_short": "the heater is on whatever the pin says",
    "transistor_leaks": "the heater gets a tenth of its power whatever the pin says",
    "supply_sag": "the heater's supply gives a third of its power",
    "sensor_slips": "the sensor slips off the block: within ten minutes it sees 0.3 of its heat",
    "door_opened": "the block loses five times as much for a minute",
    "sample_changed": "the block is colder by 35 K at once",
}


class Plant:
    """Temperatures in degC, power in W."""

    capacity = 40.0  # J/K
    loss = 0.2  # W/K
    lag = 1.5  # s, of the thermistor behind the block
    full_power = 100.0  # W, at duty 1
    surroundings = 25.0
    thermometer = None  # the place of a chip on the block, where it is not the only heater's: ("spi0", 17)
    mains = 0.0  # Hz, where a zero-crossing relay switches it: what the pin says counts from the next zero of the mains on
    supply = None  # the place of a DAC that sets the voltage of the heater's supply: ("i2c0", 0x60)

    def __init__(self, series=10000):
        self._series = series  # ohm, from the thermistors to the reference
        self.block = self.surroundings
        self.sensor = self.surroundings
        self.duty = 0.0
        self.broken = "none"
        self._stuck = None
        self._since = 0.0
        self._last = pace.ticks_ms()
        self._age = 0.0
        self._zero = 0.0  # s, when the mains' next zero takes `_next` as the duty
        self._next = None
        self._known = None, 0.0  # a temperature, and what _ratio() made of it

    def fault(self, name):
        """Break a part, or with "none" mend it. Raises KeyError for a name that is not in FAULTS."""
        FAULTS[name]
        self.advance()
        self.broken = name
        self._stuck = None
        self._since = self._age
        if name == "sample_changed":
            self.block -= 35

    def power(self):
        """What the heater really gives now."""
        if self.broken == "none" and self.supply is None:
            return self.duty * self.full_power
        if self.broken == "heater_open":
            return 0.0
        if self.broken == "transistor_short":
            return self.full_power
        if self.broken == "transistor_leaks":
            return max(self.duty, 0.1) * self.full_power
        return self.duty * self._share() * self.full_power * (0.33 if self.broken == "supply_sag" else 1.0)

    def _share(self):
        # of full power, by the supply's voltage
        if self.supply is None:
            return 1
        dac = attached.models.get(self.supply)
        return (dac.get("code") / 4095) ** 2 if dac and not dac.down else 0

    def advance(self):
        """Bring everything up to now."""
        now = pace.ticks_ms()
        if now != self._last:
            self._advance(now)

    def _advance(self, now):
        left = pace.ticks_diff(now, self._last) / 1000
        self._last = now
        lag = self.lag * (10 if self.broken == "sensor_slow" else 1)
        while left > 0:
            if self._next is not None and self._age >= self._zero:
                self.duty, self._next = self._next, None
            dt = min(left, _STEP if self._next is None else max(min(_STEP, self._zero - self._age), 1e-4))
            left -= dt
            self._age += dt
            loss = self.loss * (5 if self.broken == "door_opened" and self._age < self._since + 60 else 1)
            flow = self.power() - loss * (self.block - self.surroundings)
            self.block += flow / self.capacity * dt
            seen = self.surroundings + self._coupling() * (self.block - self.surroundings)
            self.sensor += (seen - self.sensor) / lag * dt

    def _coupling(self):
        # how much of the block's heat the sensor sees
        if self.broken == "sensor_off":
            return 0.1
        return 1 - 0.7 * min((self._age - self._since) / 600, 1) if self.broken == "sensor_slips" else 1.0

    def jump(self, ms):
        """Time jumps by so much, and nothing is to come of it."""
        self._last = pace.ticks_add(self._last, ms)

    def set_duty(self, duty):
        """The heater's transistor conducts this share of the time, 0 to 1."""
        self.advance()
        if self.mains:
            half = 0.5 / self.mains
            self._zero = math.ceil(self._age / half) * half
            self._next = duty
        else:
            self.duty = duty

    def sensor_ratio(self):
        """One conversion of the thermistor on the block, 0 to 1."""
        now = pace.ticks_ms()  # as advance(): there are sixteen to a reading
        if now != self._last:
            self._advance(now)
        if self.broken == "none":
            return self._ratio(self.sensor) + noise()
        if self.broken == "sensor_open":
            return 1.0
        if self.broken == "sensor_short":
            return 0.0
        temperature = self.sensor
        if self.broken == "sensor_drift":
            temperature -= 0.05 * (self._age - self._since)
        if self.broken == "sensor_stuck":
            if self._stuck is None:
                self._stuck = self._ratio(temperature)
            return self._stuck
        if self.broken == "adc_glitch" and random.random() < 0.01:
            return random.random()
        return self._ratio(temperature) + noise() * (20 if self.broken == "sensor_noisy" else 1)

    def measured(self):
        """degC that a chip measures now, with 0.02 K of noise as wires and converters have it."""
        self.advance()
        if self.broken == "adc_glitch" and random.random() < 0.01:
            return random.random() * 1000
        drift = 0.05 * (self._age - self._since) if self.broken == "sensor_drift" else 0
        return self.sensor - drift + noise() * (600 if self.broken == "sensor_noisy" else 30)

    def outside(self):
        """The temperature outside: the weather goes round in ten minutes."""
        self.advance()
        return 23.2 + 0.8 * math.sin(self._age / 600 * 2 * math.pi)

    def outside_ratio(self):
        """One conversion of a thermistor outside, 0 to 1."""
        return self._ratio(self.outside()) + noise()

    def _ratio(self, temperature):
        # a 10 kOhm NTC to ground
        known, ratio = self._known
        if temperature != known:
            resistance = 10000 * math.exp(_BETA * (1 / (temperature + _KELVIN) - 1 / _T25))
            ratio = resistance / (self._series + resistance)
            self._known = temperature, ratio
        return ratio


def noise():
    """Of one conversion, as a share of full scale: about 8.7 effective bits, as an RP2040 has."""
    return (random.random() + random.random() + random.random() - 1.5) * 0.0014
