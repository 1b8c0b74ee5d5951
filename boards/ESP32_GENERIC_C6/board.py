"""ESP32-C6 with 4 MB of flash, e.g. ESP32-C6-DevKitC-1. How it is wired: README.md."""

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "ESP32_GENERIC_C6"
HEATER_PIN = 7  # the transistor's gate
SENSOR_ADC = 2  # the thermistor on what is heated
OUTSIDE_ADC = 3  # another one
OUTPUTS = (HEATER_PIN,)  # low before anything else, whatever the node
# 4.7 kOhm to 3.3 V and 12 kOhm beside the thermistor act as one resistor to a lower supply: so the ADC, which measures well
# from 0.15 to 2.45 V, sees -50 to 140 degC of an NTC of 10 kOhm. Measure 3V3, and put what it really is in place of 3.3
DIVIDER = {"series": 4700 * 12000 / 16700, "supply": 3.3 * 12000 / 16700}
I2C = {"i2c0": (0, 23, 22)}  # for board.i2c(name): id, pins of SCL and SDA
SPI = {"spi1": (1, 18, 19, 20)}  # id, pins of SCK, MOSI, MISO
ONEWIRE = {"onewire0": 1}  # the pin
UARTS = {}  # no other one is free

TIMER = 0  # for the dead man
RELAY_TIMER = 1  # for relays of heaters
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

CONSOLE = {"baudrate": 115200}  # SECoP over USB
UART = {"id": 1, "tx": 21, "rx": 6}  # and over a serial line
WIFI = True  # where settings.json has a network: docs/network.md
ETHERNET = False
TCP_HOST = "0.0.0.0"
TCP_PORT = 10767

# what may be chosen instead: neither strapping nor flash nor USB pins, and ADC1
HEATER_PINS = (7, 20, 22, 23)
ADC_PINS = (0, 1, 2, 3, 6)
DIGITAL_PINS = (0, 1, 18, 19, 20, 22, 23)  # in and out, where the node has no bus at them
PWM_HZ = (1, 40000000)
COUNTERS = 4  # pins that can be counted at


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin, atten=ADC.ATTN_11DB)
