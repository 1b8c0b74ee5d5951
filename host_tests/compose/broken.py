"""Composed files that are broken: what is changed in a good one, and what has to be named then, with line and column."""

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

#: name -> (what is there, what comes in its place, line and column of the complaint, what it names)
BROKEN = {
    "a driver's name": ('driver = "max31856"', 'driver = "max31586"', "11:10", "max31586", "max31856"),
    "a key": ("type = ", "typ = ", "14:1", "modules.sample", "typ", "type"),
    "a value": ('type = "K"', 'type = "Q"', "14:8", "modules.sample.type", "B", "T", "'Q'"),
    "a range": ("period = 2 ", "period = 90 ", "18:59", "modules.heater.output.period", "0.5", "60 s", "90"),
    "a heater without maximum": ("maximum = 1100\n", "", "16:2", "modules.heater", "maximum", "-270", "2000 °C"),
    "a text for a number": ("minimum = 5", 'minimum = "5"', "20:11", "modules.heater.minimum", "-270", "2000 °C", "'5'"),
    "limits the wrong way": ("maximum = 1100", "maximum = 4", "21:11", "minimum", "5", "maximum", "4"),
    "a sensor that is not there": ('sensor = "sample"', 'sensor = "smaple"', "19:10", "smaple", "sample"),
    "a sensor too slow for a heater": ('sensor = "sample"', 'sensor = "air"', "19:10", "air", "sample"),
    "a bus that is not there": ('bus = "spi0"', 'bus = "spi1"', "12:7", "spi1", "spi0", "RPI_PICO_W", "[bus.spi1]"),
    "a pin that the bus can't have": ("mosi = 19", "mosi = 18", "7:8", "GPIO18", "MOSI", "spi0", "3, 7, 19"),
    "a pin twice": ("pin = 10", "pin = 17", "28:2", "GPIO17", "FILE:10:2"),
    "a pin that the board has for its radio": ("pin = 10", "pin = 23", "28:2", "GPIO23", "RPI_PICO_W", "radio"),
    "a heater at another pin": (
        "pin = 7",
        "pin = 12",
        "16:2",
        "module heater",
        "pin 12",
        "RPI_PICO_W",
        "2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22",
        "boards/RPI_PICO_W/README.md",
    ),
    "off at 1 without a pull-up": (
        "pin = 10",
        "pin = 10\non = 0",
        "28:2",
        "GPIO10",
        "BOOTSEL",
        "3V3",
        "4.7 kΩ",
        "pull_up=True",
    ),
    "an interlock about what is not there": ("air.value >", "aire.value >", "33:9", "interlocks[1].when", "aire", "air"),
    "an interlock about no parameter": ("air.value >", "air.volume >", "33:8", "air", "volume", "status, value"),
    "an interlock that is code": (
        "air.value > 50",
        "air.value > __import__('os')",
        "33:21",
        "interlocks[1].when",
        "age(module.parameter)",
        "silence()",
    ),
    "an interlock that switches no heater off": (
        'heater = "off"',
        'lamp = "off"',
        "34:19",
        "lamp",
        '"off"',
        '"safe"',
        '"stop"',
    ),
    "an interlock's action": (
        'heater = "off"',
        'heater = "of"',
        "34:21",
        "interlocks[1].action.heater",
        '"off"',
        '"stop"',
        '"safe"',
        "{ limit = 200 }",
    ),
    "no TOML": ("cs = 17\n", "cs = 17 17\n", "13:9", "TOML"),
    "a table twice": ("[modules.lamp]", "[modules.air]", "28:13", "TOML", "('modules', 'air')"),
    "a board": ("RPI_PICO_W", "RPI_PIKO_W", "1:9", "RPI_PIKO_W", "RPI_PICO_W"),
    "an identity": ("mylab_furnace", "my furnace", "2:16", "equipment_id", "1 to 63", "'my furnace'"),
    "two names for one power": (
        "power = 800",
        "power = 800, resistance = 66, supply = 230",
        "18:45",
        "power",
        "resistance",
        "supply",
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
    "a parity": ('"odd"', '"off"', "8:10", "bus.uart1.parity", '"none"', '"even"', '"odd"', "'off'"),
    "a key of the UART": ("baudrate =", "baudrat =", "6:1", "bus.uart1", "baudrat", "baudrate"),
    "half of the pins": ('"odd"', '"odd"\ntx = 8', "5:2", "bus.uart1", "tx", "rx"),
    "a pin that is no TX": ('"odd"', '"odd"\ntx = 6\nrx = 9', "9:6", "GPIO6", "TX", "uart1", "4, 8, 20"),
    "a direction at a pin of the UART": ('"odd"', '"odd"\ndirection = 8', "5:2", "GPIO8", "FILE:5:2", "TX", "UART 1"),
    "another UART": ('bus = "uart1"', 'bus = "uart0"', "12:7", "uart0", "uart1", "RPI_PICO", "[bus.uart0]", "tx", "rx"),
    "no UART": ('bus = "uart1"', 'bus = "i2c0"', "12:7", "devices.meter.bus", "uart", "uart1", "'i2c0'"),
    "a kind of instrument": ("line_device", "line_divice", "11:10", "line_divice", "line_device"),
    "an instrument as a module": ('"line_readable"', '"line_device"', "17:10", "line_device", "[devices.<name>]"),
    "an instrument's name": ('device = "meter"', 'device = "metre"', "18:10", "metre", "meter"),
    "an instrument that nobody asks": (
        "[modules.voltage]",
        '[devices.other]\ndriver = "modbus_device"\nbus = "uart1"\naddress = 3\n\n[modules.voltage]',
        "16:2",
        'device = "other"',
    ),
    "a slave's address": (
        "[modules.voltage]",
        '[devices.other]\ndriver = "modbus_device"\nbus = "uart1"\naddress = 300\n\n[modules.voltage]',
        "19:11",
        "devices.other.address",
        "1 to 247",
        "300",
    ),
    "what it is, untold": ('identity = "ACME,METER7"\n', "", "10:2", "identify", "identity"),
    "no query": ('query = "MEAS? 1"\n', "", "16:2", "modules.voltage", "query", "1 to 120"),
    "a form": ('query = "MEAS? 1"', 'query = "MEAS? 1"\nform = "%q"', "16:2", "form '%q'", "%f", "%7f", "%*f"),
    "an error's class": (
        'query = "MEAS? 1"',
        'query = "MEAS? 1"\nerrors = { 5 = ["Nix", "x"] }',
        "20:10",
        "modules.voltage.errors",
        '{ 5 = "no sensor", OVER = ["OutOfRange", "too high"] }',
    ),
    "a command without a place": ('"RANGE %d"', '"RANGE"', "22:2", "command 'RANGE'", "%.3f"),
    "a member": ('"1 V" = 1 ', '"1 V" = 1.5 ', "27:11", "modules.range.members", "{ off = 0, on = 1 }"),
    "an end": ('bus = "uart1"', 'bus = "uart1"\nend = ""', "13:7", "devices.meter.end", "1 to 8", '"\\r\\n"', "''"),
}
