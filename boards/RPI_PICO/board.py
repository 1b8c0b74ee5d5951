"""Raspberry Pi Pico: RP2040. How it is wired: README.md."""

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "RPI_PICO"
HEATER_PIN = 2  # the transistor's gate
SENSOR_ADC = 26  # the thermistor on what is heated
OUTSIDE_ADC = 27  # another one
OUTPUTS = (HEATER_PIN,)  # low before anything else, whatever the node
DIVIDER = {"series": 10000}  # ohm, to ADC_VREF: only the ratio counts (drivers/divider.py)
I2C = {"i2c0": (0, 5, 4)}  # for board.i2c(name): id, pins of SCL and SDA
SPI = {"spi0": (0, 18, 19, 16)}  # id, pins of SCK, MOSI, MISO
ONEWIRE = {"onewire0": 22}  # the pin
UARTS = {"uart1": (1, 8, 9)}  # for instruments: id, pins of TX and RX

TIMER = -1  # for the dead man
RELAY_TIMER = -1  # for relays of heaters
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

CONSOLE = {}  # SECoP over USB
UART = {"id": 0, "tx": 0, "rx": 1}  # and over a serial line
WIFI = False
ETHERNET = False
TCP_PORT = None

# what may be chosen instead. A soft reset stops PWM at GP0 to GP7 and GP16 to GP23 alone, so heaters belong there
HEATER_PINS = (2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22)
ADC_PINS = (26, 27, 28)
DIGITAL_PINS = (6, 7, 8, 9, 10, 11, 12, 13, 14, 15)  # in and out
PWM_HZ = (8, 62500000)


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin)
