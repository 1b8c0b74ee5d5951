"""ESP32-C3 with 4 MB of flash, e.g. ESP32-C3-DevKitM-1. How it is wired: README.md."""

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "ESP32_GENERIC_C3"
HEATER_PIN = 10  # the transistor's gate
SENSOR_ADC = 0  # the thermistor on what is heated
OUTSIDE_ADC = 1  # another one
OUTPUTS = (HEATER_PIN,)  # low before anything else, whatever the node
# 4.7 kOhm to 3.3 V and 12 kOhm beside the thermistor act as one resistor to a lower supply: so the ADC, which measures well
# from 0.15 to 2.45 V, sees -50 to 140 degC of an NTC of 10 kOhm. Measure 3V3, and put what it really is in place of 3.3
DIVIDER = {"series": 4700 * 12000 / 16700, "supply": 3.3 * 12000 / 16700}
I2C = {"i2c0": (0, 5, 4)}  # for board.i2c(name): id, pins of SCL and SDA
SPI = {}  # no pins are left for one
ONEWIRE = {"onewire0": 3}  # the pin
UARTS = {}  # no other one is free

TIMER = 0  # for the dead man
RELAY_TIMER = 1  # for relays of heaters
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

CONSOLE = {"baudrate": 115200}  # SECoP over USB
UART = {"id": 1, "tx": 7, "rx": 6}  # and over a serial line
WIFI = True  # where settings.json has a network: docs/network.md
ETHERNET = False
TCP_HOST = "0.0.0.0"
TCP_PORT = 10767

# what may be chosen instead: neither strapping nor flash nor USB pins, and ADC1
HEATER_PINS = (3, 10)
ADC_PINS = (0, 1, 3, 4)
DIGITAL_PINS = (3, 4, 5)  # in and out, where the node has no bus at them
PWM_HZ = (1, 40000000)


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin, atten=ADC.ATTN_11DB)
