"""Transmitters of 0-10 V and of 4-20 mA on any ADC, and what their signal says of faults.

The limits are those of NAMUR NE 43, as shares of the signal's range: it goes on from 3.8 to 20.5 mA, and at 3.6 mA or less and
at 21 mA or more the transmitter says that it is broken. Between these it is out of range.
"""

from array import array

from secnode.errors import HardwareError, OutOfRange

_UNDER = -0.0125  # 3.8 of 4 to 20 mA
_OVER = 1.03125  # 20.5 mA
_LOW = -0.025  # 3.6 mA
_HIGH = 1.0625  # 21 mA


class Transmitter:
    """Base of both. `source` has read() in V, plain or a coroutine: a PinVoltage, a channel of an ADS1115.

    `span` is (signal at the begin of the range, at its end) in `signal_unit`, `per_volt` what a volt of the source stands for
    in that unit. `low` and `high` are what is measured at both ends; or `table`, points of (signal, what is measured) from
    which straight lines are drawn, goes from one end of the span to the other, or beyond.

    Raises ValueError for a span, a table or a source that make no sense: for one that can't see the whole signal, too.
    """

    def __init__(self, source, span, signal_unit, per_volt, low, high, table, unit, what):
        if table is None:
            table = ((span[0], low), (span[1], high))
        points = sorted(table)
        if not 0 <= span[0] < span[1]:
            raise ValueError("the span of the signal has to rise from 0 or more")
        if len(points) < 2 or points[0][0] > span[0] or points[-1][0] < span[1]:
            raise ValueError("the table has to go from %g to %g %s" % (span[0], span[1], signal_unit))
        self._x = array("f", [x for x, _ in points])
        self._y = array("f", [y for _, y in points])
        for i in range(1, len(points)):
            if not self._x[i - 1] < self._x[i]:
                raise ValueError("the table has %g %s twice" % (points[i][0], signal_unit))
        most = getattr(source, "highest", None)
        # a live zero tells a fault of the transmitter at the upper end as well; else the range is enough
        top = span[0] + (_HIGH if span[0] else _OVER) * (span[1] - span[0])
        if most is not None and most * per_volt < top:
            text = "its ADC sees %.3g V, which is %.4g %s of this signal, and it has to see %.4g %s"
            raise ValueError(text % (most, most * per_volt, signal_unit, top, signal_unit))
        self._source = source
        self._span = span
        self._signal_unit = signal_unit
        self._per_volt = per_volt
        self.unit = unit
        self.what = what

    def read(self):
        """What is measured now, in `unit`; or a coroutine that gives it, where the source has one.

        Raises HardwareError where the transmitter says that it is broken, or its wire is, OutOfRange where the signal is beyond
        its range, and what the source raises.
        """
        volts = self._source.read()
        if hasattr(volts, "send"):
            return self._later(volts)
        return self.convert(volts)

    async def _later(self, volts):
        return self.convert(await volts)

    def convert(self, volts):
        """What is measured where the source has so many volts. Raises as read() does."""
        low, high = self._span
        signal = volts * self._per_volt
        share = (signal - low) / (high - low)
        if not _UNDER <= share <= _OVER:
            if low and signal < low / 4:
                raise HardwareError("next to no %s: the wire is open" % ("current" if self._signal_unit == "mA" else "voltage"))
            text = "%.1f %s" % (signal, self._signal_unit)
            if low and share <= _LOW:
                raise HardwareError("%s: the transmitter says that it is broken" % text)
            if low and share >= _HIGH:
                raise HardwareError("%s: the transmitter says that it is broken, or it is shorted" % text)
            raise OutOfRange("%s is %s the range of the signal" % (text, "below" if share < 0 else "above"))
        xs = self._x
        ys = self._y
        i = 1
        while i < len(xs) - 1 and xs[i] < signal:
            i += 1
        return ys[i - 1] + (signal - xs[i - 1]) * ((ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]))


class CurrentLoop(Transmitter):
    """CurrentLoop(PinVoltage(board.adc(26)), shunt=150, high=10, unit="bar"): 4 to 20 mA through `shunt` ohm at the ADC.

        shunt: 1 to 1000 Ω; transmitter: resistor that its current goes through
        low: -1e6 to 1e6; transmitter: what it measures at the begin of its signal
        high: -1e6 to 1e6; transmitter: what it measures at the end of its signal

    The ADC has to see 21 mA: at most 156 Ohm on an RP2040, 116 Ohm on an ESP32, and for an ADS1115 195 Ohm with a span of
    4.096 V. The signal's begin is `low`, its end `high` in `unit`; or give a `table` of (mA, value).
    """

    def __init__(self, source, shunt, low=0, high=100, table=None, unit="%", what="value of the transmitter", span=(4, 20)):
        if not shunt > 0:
            raise ValueError("the shunt has to be above 0 Ohm")
        super().__init__(source, span, "mA", 1000 / shunt, low, high, table, unit, what)


class VoltageSignal(Transmitter):
    """VoltageSignal(PinVoltage(board.adc(26)), ratio=4, high=10, unit="bar"): 0 to 10 V behind a divider by four.

        ratio: 0.01 to 1000; transmitter: its voltage over the ADC's
        low: -1e6 to 1e6; transmitter: what it measures at the begin of its signal
        high: -1e6 to 1e6; transmitter: what it measures at the end of its signal

    `ratio` is the signal's voltage over the ADC's: (R1 + R2) / R2 of a divider. Other signals by `span`: (0, 5) or
    (2, 10). One that begins at 0 can't tell a broken wire from nothing. `low`, `high` and `table` (of V) as a CurrentLoop has
    them.
    """

    def __init__(self, source, ratio=1.0, low=0, high=100, table=None, unit="%", what="value of the transmitter", span=(0, 10)):
        if not ratio > 0:
            raise ValueError("the ratio has to be above 0")
        super().__init__(source, span, "V", ratio, low, high, table, unit, what)
