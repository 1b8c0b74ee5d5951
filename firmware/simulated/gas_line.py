"""What hangs at the pins of nodes/gas_line.py where there is no board: attached to the simulated one."""

from secnode import pace

_TRAVEL = 800  # ms that the valve takes


class _Valve:
    """Its contact to ground is closed once its output has been on for a while, until it has been off for a while."""

    def __init__(self, pin):
        self._pin = pin
        self._open = self._towards = False
        self._since = pace.ticks_ms()

    def contact(self, level):
        on = level(self._pin) > 0
        if on != self._towards:
            self._towards = on
            self._since = pace.ticks_ms()
        if on != self._open and pace.ticks_diff(pace.ticks_ms(), self._since) >= _TRAVEL:
            self._open = on
        return 0 if self._open else 1


def attach_to(board, attach):
    """`attach` is what simulate() gets."""
    output, contact, door = board.DIGITAL_PINS[:3]
    valve = _Valve(output)
    attach("pin", contact, valve.contact)
    attach("pin", door, lambda level: 0)  # it is closed
    # behind the valve the pressure is what the flow controller makes of it: 4 to 20 mA through 100 Ohm
    attach("adc", board.SENSOR_ADC, lambda level: 0.4 + 1.6 * level(board.HEATER_PIN) * level(output))
    attach("adc", board.OUTSIDE_ADC, lambda level: 6.5 / 4.3)
