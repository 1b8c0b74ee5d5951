# ruff: noqa: E501 - what is said stands on a line
"""Composed files that are broken: what is changed in a good one, and what has to be said of it, with line and column."""

GOOD = """\
board = "RPI_PICO_W"
equipment_id = "mylab_furnace"
description = "tube furnace, 1100 degC"

[bus.spi0]
sck = 18
mosi = 19
miso = 16

[modules.sample]
driver = "max31856"
bus = "spi0"
cs = 17
type = "K"

[modules.heater]
driver = "oven"
output = { driver = "ssr", pin = 7, power = 800, period = 2 }
sensor = "sample"
minimum = 5
maximum = 1100

[modules.air]
driver = "sht4x"
bus = "i2c0"
quantity = "temperature"

[modules.lamp]
driver = "pin_output"
pin = 10

[[interlocks]]
when = "air.value > 50"
action = { heater = "off" }
text = "it is too warm here"
"""

#: name -> (what is there, what comes in its place, what is said without the file's name)
BROKEN = {
    "a driver's name": (
        'driver = "max31856"',
        'driver = "max31586"',
        "11:10: there is no driver max31586: did you mean max31856?",
    ),
    "a key": ("type = ", "typ = ", "14:1: modules.sample has no typ: did you mean type?"),
    "a value": (
        'type = "K"',
        'type = "Q"',
        "14:8: modules.sample.type has to be B or E or J or K or N or R or S or T, not 'Q'",
    ),
    "a range": (
        "period = 2 ",
        "period = 90 ",
        "18:59: modules.heater.output.period has to be a number from 0.5 to 60 s, not 90",
    ),
    "a heater without maximum": (
        "maximum = 1100\n",
        "",
        "16:2: modules.heater needs maximum, the guard switches off above; -270 to 2000 °C",
    ),
    "a text for a number": (
        "minimum = 5",
        'minimum = "5"',
        "20:11: modules.heater.minimum has to be a number from -270 to 2000 °C, not '5'",
    ),
    "limits the wrong way": ("maximum = 1100", "maximum = 4", "21:11: minimum (5) has to be below maximum (4)"),
    "a sensor that is not there": (
        'sensor = "sample"',
        'sensor = "smaple"',
        "19:10: there is no module smaple: did you mean sample?",
    ),
    "a sensor too slow for a heater": (
        'sensor = "sample"',
        'sensor = "air"',
        "19:10: air is no sensor that can be used here: take sample",
    ),
    "a bus that is not there": (
        'bus = "spi0"',
        'bus = "spi1"',
        "12:7: there is no bus spi1: did you mean spi0? RPI_PICO_W has spi0 of its own; another one is said by [bus.spi1]",
    ),
    "a pin that the bus can't have": ("mosi = 19", "mosi = 18", "7:8: GPIO18 can't be MOSI of spi0: take one of 3, 7, 19"),
    "a pin twice": ("pin = 10", "pin = 17", "28:2: GPIO17 is an output twice: it is asked for at FILE:10:2, too"),
    "a pin that the board has for its radio": (
        "pin = 10",
        "pin = 23",
        "28:2: GPIO23 of RPI_PICO_W is for its radio: take another one",
    ),
    "a heater at another pin": (
        "pin = 7",
        "pin = 12",
        "16:2: module heater: its heater is at pin 12; on RPI_PICO_W it has to be at one of 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, "
        "20, 21, 22 (boards/RPI_PICO_W/README.md)",
    ),
    "off at 1 without a pull-up": (
        "pin = 10",
        "pin = 10\non = 0",
        "28:2: GPIO10 is off at 1, and nothing drives it during a reset or in BOOTSEL mode: it would be on. Give it a resistor to "
        "3V3 (4.7 kΩ) and say pull_up=True, or take what is off at 0",
    ),
    "an interlock about what is not there": (
        "air.value >",
        "aire.value >",
        "33:9: interlocks[1].when: there is no module aire: did you mean air?",
    ),
    "an interlock about no parameter": (
        "air.value >",
        "air.volume >",
        "33:8: air has no parameter volume: it has status, value",
    ),
    "an interlock that is code": (
        "air.value > 50",
        "air.value > __import__('os')",
        "33:21: interlocks[1].when: the functions are age(module.parameter) and silence()",
    ),
    "an interlock that switches no heater off": (
        'heater = "off"',
        'lamp = "off"',
        '34:19: lamp is no heater, and "off" is for heaters: an output goes to "safe", what moves takes "stop"',
    ),
    "an interlock's action": (
        'heater = "off"',
        'heater = "of"',
        '34:21: interlocks[1].action.heater has to be "off", "stop", "safe" or { limit = 200 }',
    ),
    "no TOML": ("cs = 17\n", "cs = 17 17\n", "13:9: this is no TOML: Expected newline or end of document after a statement"),
    "a table twice": ("[modules.lamp]", "[modules.air]", "28:13: this is no TOML: Cannot declare ('modules', 'air') twice"),
    "a board": ("RPI_PICO_W", "RPI_PIKO_W", "1:9: there is no board RPI_PIKO_W: did you mean RPI_PICO_W?"),
    "an identity": (
        "mylab_furnace",
        "my furnace",
        "2:16: equipment_id has to be 1 to 63 letters, digits, _ . and -, not 'my furnace'",
    ),
    "two names for one power": (
        "power = 800",
        "power = 800, resistance = 66, supply = 230",
        "18:45: the power follows from resistance and supply: say either",
    ),
}

METER = """\
board = "RPI_PICO"
equipment_id = "mylab_meter"
description = "a voltmeter behind a board"

[bus.uart1]
baudrate = 9600
bits = 7
parity = "odd"

[devices.meter]
driver = "line_device"
bus = "uart1"
identify = "*IDN?"
identity = "ACME,METER7"

[modules.voltage]
driver = "line_readable"
device = "meter"
query = "MEAS? 1"
unit = "V"

[modules.range]
driver = "line_writable"
device = "meter"
query = "RANGE?"
command = "RANGE %d"
members = { automatic = 0, "1 V" = 1 }
"""

#: the same for an instrument
BROKEN_METER = {
    "a parity": ('"odd"', '"off"', '8:10: bus.uart1.parity has to be "none", "even" or "odd", not \'off\''),
    "a key of the UART": ("baudrate =", "baudrat =", "6:1: bus.uart1 has no baudrat: did you mean baudrate?"),
    "half of the pins": (
        '"odd"',
        '"odd"\ntx = 8',
        "5:2: bus.uart1 has tx and rx, or neither: then they are those of the board",
    ),
    "a pin that is no TX": ('"odd"', '"odd"\ntx = 6\nrx = 9', "9:6: GPIO6 can't be TX of uart1: take one of 4, 8, 20"),
    "a direction at a pin of the UART": (
        '"odd"',
        '"odd"\ndirection = 8',
        "5:2: GPIO8 is an output, and at FILE:5:2 it is TX of UART 1: take another one",
    ),
    "another UART": (
        'bus = "uart1"',
        'bus = "uart0"',
        "12:7: there is no bus uart0: did you mean uart1? RPI_PICO has uart1 of its own; another one is said by [bus.uart0] with tx and rx",
    ),
    "no UART": (
        'bus = "uart1"',
        'bus = "i2c0"',
        "12:7: devices.meter.bus has to be the name of a uart bus, as uart1, not 'i2c0'",
    ),
    "a kind of instrument": ("line_device", "line_divice", "11:10: there is no driver line_divice: did you mean line_device?"),
    "an instrument as a module": (
        '"line_readable"',
        '"line_device"',
        "17:10: line_device is an instrument, no module: it goes into [devices.<name>]",
    ),
    "an instrument's name": (
        'device = "meter"',
        'device = "metre"',
        "18:10: there is no instrument metre: did you mean meter?",
    ),
    "an instrument that nobody asks": (
        "[modules.voltage]",
        '[devices.other]\ndriver = "modbus_device"\nbus = "uart1"\naddress = 3\n\n[modules.voltage]',
        '16:2: no module has device = "other"',
    ),
    "a slave's address": (
        "[modules.voltage]",
        '[devices.other]\ndriver = "modbus_device"\nbus = "uart1"\naddress = 300\n\n[modules.voltage]',
        "19:11: devices.other.address has to be a whole number from 1 to 247, not 300",
    ),
    "what it is, untold": ('identity = "ACME,METER7"\n', "", "10:2: identify needs an identity: what the answer begins with"),
    "no query": (
        'query = "MEAS? 1"\n',
        "",
        "16:2: modules.voltage needs query, the request for the value; a request of 1 to 120 characters on one line",
    ),
    "a form": (
        'query = "MEAS? 1"',
        'query = "MEAS? 1"\nform = "%q"',
        "16:2: form '%q': %q is no field: %f, %d, %x, %s, %c, with a width: %7f, %*f",
    ),
    "an error's class": (
        'query = "MEAS? 1"',
        'query = "MEAS? 1"\nerrors = { 5 = ["Nix", "x"] }',
        '20:10: modules.voltage.errors has to be a table of codes or answers and what they mean: { 5 = "no sensor", OVER = ["OutOfRange", "too high"] }',
    ),
    "a command without a place": (
        '"RANGE %d"',
        '"RANGE"',
        "22:2: command 'RANGE': not all arguments converted during string formatting; it has one place for the value, e.g. %.3f",
    ),
    "a member": (
        '"1 V" = 1 ',
        '"1 V" = 1.5 ',
        "27:11: modules.range.members has to be a table of names and whole numbers, { off = 0, on = 1 }",
    ),
    "an end": (
        'bus = "uart1"',
        'bus = "uart1"\nend = ""',
        "13:7: devices.meter.end has to be a text of 1 to 8 ASCII characters, as \"\\r\\n\", not ''",
    ),
}
