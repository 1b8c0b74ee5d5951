"""The dew point by temperature and humidity."""

from math import log


def dew_point(temperature, humidity):
    """The dew point in degC over water, by Magnus (243.12 degC, 17.62): good to 0.1 K from -45 to 60 degC."""
    x = log(max(humidity, 0.01) / 100) + 17.62 * temperature / (243.12 + temperature)
    return 243.12 * x / (17.62 - x)
