"""In place of boards/HOST/plant.py: nothing is wired to the pins, so that what is measured is the firmware's."""

FAULTS = {}


class Plant:
    """Sensors that never change."""

    def sensor_ratio(self):
        return 0.5

    def outside_ratio(self):
        return 0.5

    def set_duty(self, duty):
        pass
