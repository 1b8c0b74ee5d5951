"""A Raspberry Pi Pico whose UART1 is a network, by PPP: for tests of what goes over TCP, on the emulated chip."""

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "network"
HEATER_PIN = 2  # the transistor's gate
SENSOR_ADC = 26  # the thermistor on what is heated
OUTSIDE_ADC = 27  # another one
OUTPUTS = (HEATER_PIN,)  # low before anything else, whatever the node
DIVIDER = {"series": 10000}  # ohm, to ADC_VREF: only the ratio counts (drivers/divider.py)
I2C = {"i2c0": (0, 5, 4)}  # for board.i2c(name): id, pins of SCL and SDA
SPI = {"spi0": (0, 18, 19, 16)}  # id, pins of SCK, MOSI, MISO
ONEWIRE = {"onewire0": 22}  # the pin

TIMER = -1  # for the dead man
RELAY_TIMER = -1  # for relays of heaters
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

CONSOLE = {}  # SECoP over USB
UART = {"id": 0, "tx": 0, "rx": 1}  # and over a serial line
WIFI = False
ETHERNET = True  # see ethernet() below
TCP_HOST = "0.0.0.0"
TCP_PORT = 10767

# what may be chosen instead. A soft reset stops PWM at GP0 to GP7 and GP16 to GP23 alone, so heaters belong there
HEATER_PINS = (2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22)
ADC_PINS = (26, 27, 28)
DIGITAL_PINS = (6, 7, 8, 9, 10, 11, 12, 13, 14, 15)  # in and out
PWM_HZ = (8, 62500000)


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin)


class _Ppp:
    """What net/ethernet.py wants of a network.LAN, by a network.PPP at UART1, whose other end is a PC."""

    def __init__(self):
        from machine import UART, Timer
        from network import PPP

        self._uart = UART(1, 921600, tx=8, rx=9, rxbuf=6144, txbuf=12288)  # what lwIP has under way at most
        self._ppp = PPP(self._uart)  # type: ignore - a MicroPython of its own
        self._timer = Timer()
        self._poll = self._ppp.poll

    def active(self, _):
        self._ppp.connect()
        self._timer.init(period=5, callback=self._poll)

    def ipconfig(self, *name, **_):
        # the other end gives the address
        return self._ppp.ipconfig(*name) if name else None

    def isconnected(self):
        return self._ppp.isconnected()

    def status(self):
        return 1 if self._ppp.isconnected() else 0


def ethernet():
    """The network, switched off."""
    return _Ppp()
