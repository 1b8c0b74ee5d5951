"""The curves and the divider, answering questions at either level (see ../properties/driver.py)."""

import gc
import math
import sys
import time

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path
from coded import decode, encode

from drivers import calibration, curves, platinum, steinhart, table
from drivers.divider import Divider


def build(curve):
    """A curve of [name of its class, argument, ...]."""
    room = {"Platinum": platinum, "SteinhartHart": steinhart, "Table": table, "Calibration": calibration}.get(curve[0], curves)
    return getattr(room, curve[0])(*curve[1:])


def limits(curve):
    curve = build(curve)
    return curve.low, curve.high


def resistance(curve, temperatures):
    curve = build(curve)
    return [encode(curve.resistance(decode(t))) for t in temperatures]


def temperature(curve, resistances):
    curve = build(curve)
    return [encode(curve.temperature(decode(r))) for r in resistances]


def there_and_back(curve, steps):
    """The largest error in K over the range, in `steps`, and whether both ways are monotonic all along."""
    curve = build(curve)
    worst = 0.0
    rises = falls = climbs = True
    before = None
    for i in range(steps + 1):
        t = curve.low + (curve.high - curve.low) * i / steps
        r = curve.resistance(t)
        back = curve.temperature(r)
        worst = max(worst, abs(back - t))
        if before is not None:
            rises = rises and r > before[0]
            falls = falls and r < before[0]
            climbs = climbs and back > before[1]
        before = r, back
    return encode(worst), (rises or falls) and climbs


def monotonic(curve, least, most, steps):
    """Whether temperature() never turns back between two resistances, log-spaced."""
    curve = build(curve)
    ratio = math.log(most / least) if most / least < 1e30 else math.log(most) - math.log(least)
    found = [curve.temperature(math.exp(math.log(least) + ratio * i / steps)) for i in range(steps + 1)]
    pairs = list(zip(found, found[1:]))  # noqa: B905 - MicroPython's has no strict
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs), encode(found[0]), encode(found[-1])


class ADC:
    """Gives codes one after the other, again and again."""

    def __init__(self, codes):
        self._codes = codes
        self._i = -1

    def read_u16(self):
        self._i += 1
        if self._i == len(self._codes):
            self._i = 0
        return self._codes[self._i]

    read_uv = read_u16


class NoisyADC:
    """12 bits stretched to 16, around `raw`, with a normal noise of `sigma` counts; one conversion in `wild` is a glitch."""

    def __init__(self, raw, sigma, wild=0, seed=1):
        self._raw = raw
        self._sigma = sigma
        self._wild = wild
        self._seed = seed

    def _random(self):
        self._seed = (self._seed * 1103515245 + 12345) % 2147483648
        return (self._seed >> 8) / 8388608

    def read_u16(self):
        noise = -6.0
        for _ in range(12):
            noise += self._random()
        code = int((self._raw + noise * self._sigma) / 16)
        if self._wild and self._random() * self._wild < 1:
            code = 4095 if self._random() < 0.5 else 0
        code = min(max(code, 0), 4095)
        return code << 4 | code >> 8


def divider(curve, series, keywords, adc=None):
    return Divider(adc or ADC([0]), build(curve), series, **keywords)


def facts(curve, series, keywords):
    """[low, high, open_raw, short_raw]"""
    d = divider(curve, series, keywords)
    return [encode(float(x)) for x in (d.low, d.high, d.open_raw, d.short_raw)]


def read_raw(codes, keywords):
    """A raw value for each list of conversions."""
    return [encode(divider(["Platinum", 1000], 1000, keywords, ADC(c)).read_raw()) for c in codes]


def by_raw(curve, series, keywords, raws):
    """[temperature, the wiring's fault] of each raw value."""
    d = divider(curve, series, keywords)
    return [[encode(d.temperature(decode(r))), d.fault(decode(r))] for r in raws]


def raw(curve, series, keywords, temperatures):
    d = divider(curve, series, keywords)
    return [encode(d.raw(decode(t))) for t in temperatures]


def raw_and_back(curve, series, keywords, steps):
    """The largest error in K over the divider's range."""
    d = divider(curve, series, keywords)
    worst = 0.0
    for i in range(steps + 1):
        t = d.low + (d.high - d.low) * i / steps
        worst = max(worst, abs(d.temperature(d.raw(t)) - t))
    return encode(worst)


def read(curve, series, keywords, code):
    """What read() gives, every conversion being `code`."""
    return encode(divider(curve, series, keywords, ADC([code])).read())


def noise(at, sigma, wild, keywords, reads):
    """[mean, rms, largest distance from `at`] of many raw values."""
    d = divider(["Beta", 10000, 3950], 10000, keywords, NoisyADC(at, sigma, wild))
    total = squares = worst = 0.0
    for _ in range(reads):
        off = d.read_raw() - at
        total += off
        squares += off * off
        worst = max(worst, abs(off))
    mean = total / reads
    return [encode(mean), encode(math.sqrt(max(squares / reads - mean * mean, 0.0))), encode(worst)]


def cost(keywords, reads):
    """[bytes, us] of one read_raw() of codes in the worst order."""
    d = divider(["Beta", 10000, 3950], 10000, keywords, ADC(list(range(40000, 30000, -8))))
    gc.collect()
    gc.disable()
    began = gc.mem_alloc()
    start = time.ticks_us()
    for _ in range(reads):
        d.read_raw()
    us = time.ticks_diff(time.ticks_us(), start) / reads
    used = gc.mem_alloc() - began
    gc.enable()
    return used / reads, us


def calibrated(curve, value, unit):
    """What Calibrated makes of a source's value in a unit; of one that gives coroutines, too."""
    made = calibration.Calibrated(Source(decode(value), unit), build(curve))
    found = made.read()
    made._source.later = True
    try:
        made.read().send(None)
    except StopIteration as e:
        assert e.value == found
    return encode(found)


class Source:
    later = False

    def __init__(self, value, unit):
        self._value = value
        self.unit = unit

    async def _later(self):
        return self._value

    def read(self):
        return self._later() if self.later else self._value


class Bus:
    """Of one chip that never answers."""

    def device(self, *args, **options):
        return self

    def transfer(self, send, receive):
        """Nothing comes."""


def max31865(curve, reference):
    """[low, high, short_raw, open_raw, raw value half-way, its temperature] of a MAX31865."""
    from drivers.max31865 import MAX31865

    curve = build(curve)
    chip = MAX31865(Bus(), 17, curve=curve, reference=reference)
    raw = chip.raw((curve.low + curve.high) / 2)
    return [encode(float(x)) for x in (chip.low, chip.high, chip.short_raw, chip.open_raw, raw, chip.temperature(raw))]


def taken(curve, value):
    """Bytes that a reading of a Calibrated keeps, and takes in between."""
    made = calibration.Calibrated(Source(decode(value), "Ohm"), build(curve))
    made.read()
    gc.collect()
    before = gc.mem_alloc()
    made.read()
    between = gc.mem_alloc() - before
    gc.collect()
    return [gc.mem_alloc() - before, between]


if __name__ == "__main__":
    driver.serve(
        {
            "limits": limits,
            "resistance": resistance,
            "temperature": temperature,
            "there_and_back": there_and_back,
            "monotonic": monotonic,
            "facts": facts,
            "read_raw": read_raw,
            "by_raw": by_raw,
            "raw": raw,
            "raw_and_back": raw_and_back,
            "read": read,
            "noise": noise,
            "cost": cost,
            "calibrated": calibrated,
            "max31865": max31865,
            "taken": taken,
        }
    )
