"""What is wired to the simulated board's pins: a heated block (plant.py) for each heater that the firmware drives.

The heater at board.HEATER_PIN heats the block that the sensor at board.SENSOR_ADC is on. Another one, at one of
board.HEATER_PINS, heats a block of its own from the moment when PWM or a relay drives it; the sensor on it is at the ADC that
the node's definition opens next to that pin, before it or else after it, or it is a chip that the node's file names
(attached.py). An ADC that is at no block sees the weather, a chip that is at none the first block.
"""

import sys

import attached
from plant import FAULTS, Plant


class Ovens:
    """`first` is the plant at HEATER_PIN; or, in a node that has no output there, at the first heater that it drives."""

    def __init__(self, board):
        self._series = board.DIVIDER["series"]
        self._pins = getattr(board, "HEATER_PINS", ())
        self._sensor = board.SENSOR_ADC
        self.first = Plant(self._series)
        self._heated = {board.HEATER_PIN: self.first}  # by heater pin
        self._seen = {board.SENSOR_ADC: self.first}  # by ADC
        self._opened = []  # what the node's definition opened, in order: (pin, whether it is an output)

    def opened(self, pin, is_output):
        """The firmware opens an output or an ADC. What boot.py does is before the node."""
        if "running" in sys.modules and (pin, is_output) not in self._opened:
            self._opened.append((pin, is_output))
            own = self._own(pin) if is_output else {}
            if "thermometer" in own or own and pin in self._heated:
                self._wire(self._at(pin), own)

    def drive(self, pin, duty, is_pwm):
        """The pin conducts this share of the time, 0 to 1."""
        if pin in self._pins and (is_pwm or duty and (pin, True) in self._opened):
            self._at(pin)
        plant = self._heated.get(pin)
        if plant:
            plant.set_duty(duty)

    def ratio(self, adc):
        """One conversion, 0 to 1."""
        plant = self._seen.get(adc)
        return plant.sensor_ratio() if plant else self.first.outside_ratio()

    def under(self, place):
        """The pin of the heater whose block a chip at a place is on: the first one's where nobody says."""
        for pin in self._heated:
            if self._heated[pin].thermometer == place:
                return pin
        return next(iter(self._heated))

    def measured(self, place):
        """degC that a chip at a place measures."""
        return self._heated[self.under(place)].measured()

    def jump(self, ms):
        """Time jumps by so much, and no block is to notice."""
        for plant in self._heated.values():
            plant.jump(ms)

    def heaters(self):
        """The pins of the heaters of this node, as far as they are known."""
        found = [pin for pin, is_output in self._opened if is_output and pin in self._pins]
        return found or list(self._heated)

    def fault(self, name, pin=None):
        """Break a part of the plant at a heater's pin, by default the first; "none" mends it, by default all of them.

        Gives the pins whose plants these are. Raises KeyError for a name that is not in plant.FAULTS, ValueError for a pin.
        """
        FAULTS[name]
        pins = self.heaters()
        if pin is not None:
            if pin not in pins:
                raise ValueError("there is no heater at pin %d" % pin)
            pins = [pin]
        elif name != "none":
            pins = pins[:1]
        for pin in pins:
            self._at(pin).fault(name)
        return pins

    def _own(self, pin):
        # what the node's file says of the plant at a heater's pin
        return pin in self._pins and attached.find("plant", pin) or {}

    def _wire(self, plant, own):
        for name in own:
            setattr(plant, name, own[name])

    def _at(self, pin):
        # the plant at a heater's pin, which is wired when it is asked for first
        if pin not in self._heated:
            outputs = [other for other, is_output in self._opened if is_output]
            kept = next(iter(self._heated))
            if len(self._heated) == 1 and kept not in outputs and (self._sensor, False) in self._opened:
                self._heated = {pin: self.first}  # nothing else heats it
            else:
                plant = self._heated[pin] = Plant(self._series)
                own = self._own(pin)
                self._wire(plant, own)
                adc = None if "thermometer" in own else self._nearest(pin)
                if adc is not None:
                    plant.block = plant.sensor = self.first.outside()  # as it was seen until now
                    self._seen[adc] = plant
        return self._heated[pin]

    def _nearest(self, pin):
        at = self._opened.index((pin, True)) if (pin, True) in self._opened else 0
        others = self._opened[:at][::-1] + self._opened[at:]
        for adc, is_output in others:
            if not is_output and adc not in self._seen:
                return adc
