"""A node in several files, with what hangs on buses that nothing is on."""

import dht
import ds18x20
import neopixel
import onewire
from probes import Instrument

from machine import I2C, SPI, UART, Pin, Signal, SoftI2C, SoftSPI
from secnode.node import Node


def node(board):
    pull = Pin(board.HEATER_PIN + 3, Pin.IN, Pin.PULL_UP)
    bus = I2C(0, scl=Pin(5), sda=Pin(4), freq=400000)
    soft = SoftI2C(scl=Pin(7), sda=Pin(6))
    spi = SPI(0, baudrate=1000000, polarity=1, phase=0, sck=Pin(18), mosi=Pin(19), miso=Pin(16))
    soft_spi = SoftSPI(sck=Pin(10), mosi=Pin(11), miso=Pin(12))
    uart = UART(1, 9600, bits=7, parity=1, stop=1, tx=Pin(8), rx=Pin(9), timeout=1, timeout_char=1)
    wire = ds18x20.DS18X20(onewire.OneWire(pull))
    strip = neopixel.NeoPixel(Pin(13), 8)
    probe = Instrument(
        bus, soft, spi, soft_spi, uart, wire, dht.DHT22(pull), strip, Signal(pull, invert=True), name="p", description="a probe"
    )
    return Node(equipment_id="test.several", description="a node in several files", modules=(probe,))
