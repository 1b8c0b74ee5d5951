"""Olimex ESP32-POE and ESP32-POE-ISO: an ESP32 with wired Ethernet (LAN8720). How it is wired: README.md."""

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "OLIMEX_ESP32_POE"
HEATER_PIN = 4  # the transistor's gate
SENSOR_ADC = 36  # the thermistor on what is heated
OUTSIDE_ADC = 32  # another one
OUTPUTS = (HEATER_PIN,)  # low before anything else, whatever the node
# 4.7 kOhm to 3.3 V and 12 kOhm beside the thermistor act as one resistor to a lower supply: so the ADC, which measures well
# from 0.15 to 2.45 V, sees -50 to 140 degC of an NTC of 10 kOhm. Measure 3V3, and put what it really is in place of 3.3
DIVIDER = {"series": 4700 * 12000 / 16700, "supply": 3.3 * 12000 / 16700}
I2C = {"i2c0": (0, 16, 13)}  # for board.i2c(name): id, pins of SCL and SDA; revisions with a WROVER have their PSRAM at 16
SPI = {}  # no pins are left for one
ONEWIRE = {"onewire0": 33}  # the pin
UARTS = {}  # no other one is free

TIMER = 0  # for the dead man
RELAY_TIMER = 1  # for relays of heaters
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

CONSOLE = {"baudrate": 115200}  # SECoP over USB
UART = {"id": 1, "tx": 14, "rx": 34}  # and over a serial line
WIFI = True  # where settings.json has a network: docs/network.md
ETHERNET = True  # beside it
# what differs by revision. With a WROVER: "ref_clk": 0. On an ESP32-GATEWAY: "power": 5
LAN = {"mdc": 23, "mdio": 18, "power": 12, "ref_clk": 17}
PHY = 0  # its address: 0, or 1 on boards of others
TCP_HOST = "0.0.0.0"
TCP_PORT = 10767

# what may be chosen instead: neither strapping nor flash nor Ethernet's pins; ADC1, since ADC2 rests while Wi-Fi is on
HEATER_PINS = (4, 33)
ADC_PINS = (32, 33, 36)
DIGITAL_PINS = (13, 16, 33)  # in and out
PWM_HZ = (1, 40000000)
COUNTERS = 8  # pins that can be counted at


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin, atten=ADC.ATTN_11DB)


def ethernet():
    """The LAN8720, switched off, at the pins where this board has it."""
    import network
    from machine import Pin

    pins = {name: Pin(pin) for name, pin in LAN.items()}
    return network.LAN(id=0, phy_type=network.PHY_LAN8720, phy_addr=PHY, ref_clk_mode=Pin.OUT, **pins)  # type: ignore - as above
