"""The simulated board: its pins, and what whoever starts it chooses by environment variables (see `secnode run`)."""

import os

from outputs import __getattr__, off, pin_out, pwm  # noqa: F401 - as board.off() and so on

NAME = "HOST"
HEATER_PIN = 2
SENSOR_ADC = 26
OUTSIDE_ADC = 27
OUTPUTS = (HEATER_PIN,)
HEATER_PINS = (2, 3, 4, 5, 6, 7)  # those that heat a block, see ovens.py
DIVIDER = {"series": 10000}
DIGITAL_PINS = (8, 9, 10, 11, 12, 13)  # in and out
I2C = {"i2c0": (0, 5, 4), "i2c1": (1, 15, 14)}  # for board.i2c(name): id, pins of SCL and SDA
SPI = {"spi0": (0, 18, 19, 16)}  # id, pins of SCK, MOSI, MISO
ONEWIRE = {"onewire0": 22}  # the pin
UARTS = {"uart1": (1, 8, 9)}  # for instruments: id, pins of TX and RX
TIMER = -1  # for the dead man
RELAY_TIMER = -1  # for relays of heaters
PWM_HZ = (8, 40000000)  # where RP2040 and ESP32 agree
WATCHDOG = 8000  # ms without a sign of life to a reset, 0 for none

TCP_HOST = os.getenv("SECNODE_HOST") or "127.0.0.1"
TCP_PORT = int(os.getenv("SECNODE_PORT") or 10767)
WEB = "write" if TCP_HOST.startswith("127.") else "read"  # what browsers may, where settings.json does not say
WIFI = bool(os.getenv("SECNODE_WIFI"))  # without either it is on the PC's network
ETHERNET = bool(os.getenv("SECNODE_ETHERNET"))
# other nodes may run on this PC: 15 is Linux's SO_REUSEPORT; what listens on loopback alone is not for others to find
DISCOVERY = {"options": (15,)}
if TCP_HOST.startswith("127."):
    DISCOVERY["host"] = DISCOVERY["everybody"] = "127.255.255.255"
CLIENTS = int(os.getenv("SECNODE_CLIENTS") or 0)  # 0: settings.json says it
SETTINGS = os.getenv("SECNODE_SETTINGS") or "settings.json"
# a serial line where whoever starts this board has laid one
UART = {"id": 0, "baudrate": int(os.getenv("SECNODE_BAUDRATE") or 115200)} if os.getenv("SECNODE_UART") else None
# SECoP on its stdin and stdout, as on a board's USB console
CONSOLE = {} if os.getenv("SECNODE_CONSOLE") else None
# where nobody takes the console within so many seconds after Ctrl-C the node starts again; at a PC's terminal it ends
OFFER_S = int(os.getenv("SECNODE_OFFER_S") or 10) if CONSOLE is not None else 0
MAINTENANCE_S = int(os.getenv("SECNODE_MAINTENANCE_S") or 60)
MAINTENANCE = os.getenv("SECNODE_MAINTENANCE") or "maintenance"
_SPEED = int(os.getenv("SECNODE_SPEED") or 1)


def adc(pin):
    """The analogue input at a pin, for DIVIDER."""
    from machine import ADC

    return ADC(pin)


def ethernet():
    """The wired interface: a W5500; with SECNODE_ETHERNET=lan an ESP32's own."""
    import network

    if os.getenv("SECNODE_ETHERNET") == "lan":
        network.behave_as("esp32")
        return network.LAN(0)
    return network.WIZNET5K()


if os.getenv("SECNODE_BOARD"):
    # the pins, and what else a board of a user's own has; how it is reached stays as whoever starts this says
    import own_board

    _ours = "TCP_HOST TCP_PORT WIFI ETHERNET DISCOVERY CLIENTS SETTINGS UART CONSOLE OFFER_S MAINTENANCE_S MAINTENANCE".split()
    _ours += ("TIMER", "RELAY_TIMER", "ethernet", "WEB")
    for _name in dir(own_board):
        if not _name.startswith("_") and _name not in _ours:
            globals()[_name] = getattr(own_board, _name)

if _SPEED != 1:
    import fast

    fast.begin(_SPEED)
