"""What chips and modules have, from their datasheets and from MicroPython's ports (1.25): for the tests, on both levels.

Pins are GPIO numbers. `taken`: strapping, flash, PSRAM, USB and console pins, and those of the radio: for nothing else, each
with the reason. `adc`: inputs that work while Wi-Fi is on. `high`: pins that may be driven for a moment while the chip starts.
`machine`: what its MicroPython calls itself.
"""


def _pins(*ranges):
    found = []
    for first, last in ranges:
        found += range(first, last + 1)
    return found


def _taken(**groups):
    found = {}
    for why, pins in groups.items():
        for pin in pins:
            found[pin] = why
    return found


# rp2: datasheets of Pico, Pico W, Pico 2 W; RP2040 "1.4.3 GPIO functions"; ports/rp2/machine_uart.c, _pwm.c, _timer.c, _wdt.c
_RP2 = {
    "port": "rp2",
    "ethernet": False,
    "pins": _pins((0, 22), (26, 28)),
    "outputs": _pins((0, 22), (26, 28)),
    "adc": [26, 27, 28],
    "uv": False,
    "timers": [-1],
    "watchdog": [1, 8388],
    "uarts": {0: [[0, 12, 16], [1, 13, 17]], 1: [[4, 8, 20], [5, 9, 21]]},
    # SCL and SDA; SCK, MOSI and MISO: RP2040's datasheet, 1.4.3, RP2350's 1.2.3
    "i2c": {0: [[1, 5, 9, 13, 17, 21], [0, 4, 8, 12, 16, 20, 28]], 1: [[3, 7, 11, 15, 19, 27], [2, 6, 10, 14, 18, 26]]},
    "spi": {0: [[2, 6, 18, 22], [3, 7, 19], [0, 4, 16, 20]], 1: [[10, 14, 26], [11, 15, 27], [8, 12, 28]]},
    "heaters": _pins((0, 7), (16, 23)),  # a soft reset stops PWM slices 0 to 3 alone, of 8 (seen in an emulator; _pwm.c)
    "high": [],
}

# esp32: datasheets of ESP32, ESP32-C3, ESP32-S3, "Strapping Pins", "Power-up Glitches on Pins"; ports/esp32/machine_adc.c,
# machine_pin.h, machine_timer.c. UART pins are free to choose; UART 0 is the console
_ESP32 = {
    "port": "esp32",
    "ethernet": False,
    "uv": True,
    "watchdog": [1000, 1000000],
    "heaters": None,
}


def _with(base, **more):
    found = dict(base)
    found.update(more)
    return found


_RP2350 = _with(
    _RP2,
    chip="RP2350",
    heaters=_pins((0, 11), (16, 27)),  # slices 0 to 5, of 12
    pwm=[9, 75000000],
)

BOARDS = {
    "RPI_PICO": _with(
        _RP2,
        chip="RP2040",
        machine=["Raspberry Pi Pico with RP2040"],
        wifi=False,
        pwm=[8, 62500000],
        taken=_taken(power=(23, 24, 29), led=(25,)),
    ),
    "RPI_PICO_W": _with(
        _RP2,
        chip="RP2040",
        machine=["Raspberry Pi Pico W with RP2040"],
        wifi=True,
        pwm=[8, 62500000],
        taken=_taken(radio=(23, 24, 25, 29)),
    ),
    "RPI_PICO2": _with(
        _RP2350,
        machine=["Raspberry Pi Pico2 with RP2350", "Raspberry Pi Pico2 with RP2350-RISCV"],
        wifi=False,
        taken=_taken(power=(23, 24, 29), led=(25,)),
    ),
    # the board's schematic; ports/rp2/boards/W5500_EVB_PICO
    "W5500_EVB_PICO": _with(
        _RP2,
        chip="RP2040",
        machine=["W5500-EVB-Pico with RP2040"],
        wifi=False,
        ethernet=True,
        pins=_pins((0, 15), (22, 22), (26, 28)),
        outputs=_pins((0, 15), (22, 22), (26, 28)),
        pwm=[8, 62500000],
        taken=_taken(ethernet=_pins((16, 21)), power=(23, 24, 29), led=(25,)),
    ),
    "RPI_PICO2_W": _with(
        _RP2350,
        machine=["Raspberry Pi Pico 2 W with RP2350", "Raspberry Pi Pico 2 W with RP2350-RISCV"],
        wifi=True,
        taken=_taken(radio=(23, 24, 25, 29)),
    ),
    "ESP32_GENERIC": _with(
        _ESP32,
        chip="ESP32",
        machine=["Generic ESP32 module with ESP32", "Generic ESP32 module with SPIRAM with ESP32"],
        wifi=True,
        pins=_pins((0, 23), (25, 27), (32, 39)),
        outputs=_pins((0, 23), (25, 27), (32, 33)),
        adc=_pins((32, 39)),
        pwm=[1, 40000000],
        timers=[0, 1, 2, 3],
        uarts={1: None, 2: None},
        i2c={0: None, 1: None},
        spi={1: None, 2: None},
        taken=_taken(strapping=(0, 2, 5, 12, 15), flash=_pins((6, 11)), psram=(16, 17), console=(1, 3), absent=(20, 37, 38)),
        high=[14],
    ),
    "ESP32_GENERIC_C3": _with(
        _ESP32,
        chip="ESP32-C3",
        machine=["ESP32C3 module with ESP32C3"],
        wifi=True,
        pins=_pins((0, 10), (18, 21)),
        outputs=_pins((0, 10), (18, 21)),
        adc=_pins((0, 4)),
        pwm=[1, 40000000],
        timers=[0, 1],
        uarts={1: None},
        i2c={0: None},
        spi={1: None},
        taken=_taken(strapping=(2, 8, 9), flash=_pins((11, 17)), usb=(18, 19), console=(20, 21)),
        high=[18],
    ),
    # ESP32-C6's datasheet, ESP-IDF's GPIO summary; GPIO10, 11 and 14 are on some modules alone
    "ESP32_GENERIC_C6": _with(
        _ESP32,
        chip="ESP32-C6",
        machine=["ESP32C6 module with ESP32C6"],
        wifi=True,
        pins=_pins((0, 9), (12, 13), (15, 23)),
        outputs=_pins((0, 9), (12, 13), (15, 23)),
        adc=_pins((0, 6)),
        pwm=[1, 40000000],
        timers=[0, 1],
        uarts={1: None},
        i2c={0: None},
        spi={1: None},
        taken=_taken(strapping=(4, 5, 8, 9, 15), flash=_pins((24, 30)), usb=(12, 13), console=(16, 17), absent=(10, 11, 14)),
        high=[],
    ),
    # the board's schematic: RMII at the pins that an ESP32 has for it, the PHY's clock at GPIO17, its power at GPIO12, both
    # the ESP32's own; GPIO34 is the button, GPIO35 and 39 measure the supplies, GPIO13 and 16 have pull-ups of 2.2 kOhm
    "OLIMEX_ESP32_POE": _with(
        _ESP32,
        chip="ESP32",
        machine=["Olimex ESP32 POE with ESP32", "OLIMEX ESP32-PoE with ESP32"],
        wifi=True,
        ethernet=True,
        pins=_pins((0, 5), (12, 19), (21, 23), (25, 27), (32, 36), (39, 39)),
        outputs=_pins((0, 5), (12, 19), (21, 23), (25, 27), (32, 33)),
        adc=[32, 33, 34, 36],
        pwm=[1, 40000000],
        timers=[0, 1, 2, 3],
        uarts={1: None, 2: None},
        i2c={0: None, 1: None},
        spi={1: None, 2: None},
        taken=_taken(
            strapping=(0, 2, 5, 15),
            flash=_pins((6, 11)),
            ethernet=_pins((12, 12), (17, 19), (21, 23), (25, 27)),
            console=(1, 3),
            power=(35, 39),
            absent=(20, 37, 38),
        ),
        high=[14],
    ),
    "ESP32_GENERIC_S3": _with(
        _ESP32,
        chip="ESP32-S3",
        machine=["Generic ESP32S3 module with ESP32S3", "Generic ESP32S3 module with Octal-SPIRAM with ESP32-S3"],
        wifi=True,
        pins=_pins((0, 21), (33, 48)),
        outputs=_pins((0, 21), (33, 48)),
        adc=_pins((1, 10)),
        pwm=[1, 40000000],
        timers=[0, 1, 2, 3],
        uarts={1: None, 2: None},
        i2c={0: None, 1: None},
        spi={1: None, 2: None},
        taken=_taken(strapping=(0, 3, 45, 46), flash=_pins((26, 32)), psram=_pins((33, 37)), usb=(19, 20), console=(43, 44)),
        high=[18, 19, 20],
    ),
}
