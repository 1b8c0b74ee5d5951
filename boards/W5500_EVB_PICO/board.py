"""WIZnet W5500-EVB-Pico: RP2040 with wired Ethernet. How it is wired: README.md."""

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "W5500_EVB_PICO"
HEATER_PIN = 2  # the transistor's gate
SENSOR_ADC = 26  # the thermistor on what is heated
OUTSIDE_ADC = 27  # another one
OUTPUTS = (HEATER_PIN,)  # low before anything else, whatever the node
DIVIDER = {"series": 10000}  # ohm, to ADC_VREF: only the ratio counts (drivers/divider.py)
I2C = {"i2c0": (0, 5, 4)}  # for board.i2c(name): id, pins of SCL and SDA
SPI = {"spi1": (1, 10, 11, 12)}  # id, pins of SCK, MOSI, MISO; spi0 is the W5500's
ONEWIRE = {"onewire0": 22}  # the pin
UARTS = {"uart1": (1, 8, 9)}  # for instruments: id, pins of TX and RX

TIMER = -1  # for the dead man
RELAY_TIMER = -1  # for relays of heaters
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

CONSOLE = {}  # SECoP over USB
UART = {"id": 0, "tx": 0, "rx": 1}  # and over a serial line
WIFI = False
ETHERNET = True  # docs/network.md
TCP_HOST = "0.0.0.0"
TCP_PORT = 10767

# what may be chosen instead. A soft reset stops PWM at GP0 to GP7 alone, of those that are free here, so heaters belong there
HEATER_PINS = (2, 3, 4, 5, 6, 7, 22)
ADC_PINS = (26, 27, 28)
DIGITAL_PINS = (6, 7, 8, 9, 13, 14, 15)  # in and out
PWM_HZ = (8, 62500000)


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin)


def ethernet():
    """The W5500, switched off, at the pins where this board has it."""
    import network
    from machine import SPI, Pin

    spi = SPI(0, 20000000, sck=Pin(18), mosi=Pin(19), miso=Pin(16))
    return network.WIZNET5K(spi, Pin(17), Pin(20))  # type: ignore - of this board's MicroPython
