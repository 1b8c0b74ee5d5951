"""Raspberry Pi Pico."""

NAME = "RPI_PICO"
HEATER_PIN = 2
SENSOR_ADC = 26
OUTSIDE_ADC = 27
OUTPUTS = (HEATER_PIN,)
TIMER = -1
WATCHDOG = 8000
UART = {"id": 0, "baudrate": 115200, "tx": 0, "rx": 1}
CONSOLE = {}
SETTINGS = "settings.json"


def off():
    from machine import Pin

    for pin in OUTPUTS:
        Pin(pin, Pin.OUT, value=0)
