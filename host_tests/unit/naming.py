"""Says what the simulated board lacks: python3 naming.py HOST FIRMWARE SHIMS, what there should be as JSON on stdin."""

import sys

host, firmware, shims = sys.argv[1:]
sys.path[:0] = [host, firmware]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401
import json  # noqa: E402

import machine  # noqa: E402, F401 - where the others are, it says
from machine import Pin  # noqa: E402

# how each is made, as MicroPython's documentation does it; the others without arguments
MADE = {
    "ADC": [lambda make: make(Pin(26)), lambda make: make(27), lambda make: make(Pin(32), atten=make.ATTN_11DB)],
    "ADCBlock": [lambda make: make(1, bits=12).connect(4, Pin(4)).read_u16()],
    "ADCWiPy": [lambda make: make(0).channel(pin=3)],
    "Counter": [lambda make: make(0, Pin(0, Pin.IN)).value(), lambda make: make(0, src=Pin(0), edge=make.FALLING)],
    "DAC": [lambda make: make(Pin(25)).write(100), lambda make: make(26, bits=8)],
    "Encoder": [lambda make: make(0, Pin(0), Pin(1), phases=4).phases()],
    "I2C": [lambda make: make(0), lambda make: make(1, scl=Pin(5), sda=Pin(4), freq=400000, timeout=50000)],
    "I2CTarget": [lambda make: make(0, addr=0x42, mem=bytearray(8), scl=Pin(1), sda=Pin(0))],
    "I2S": [
        lambda make: make(
            0, sck=Pin(14), ws=Pin(13), sd=Pin(12), mode=make.TX, bits=16, format=make.STEREO, rate=44100, ibuf=20000
        )
    ],
    "PWM": [
        lambda make: make(Pin(10), freq=1000, duty_u16=100),
        lambda make: make(Pin(11)),
        lambda make: make(Pin(12), freq=50, duty_ns=1000000, invert=True),
    ],
    "Pin": [
        lambda make: make(5, make.OUT, value=1),
        lambda make: make("LED", make.OUT),
        lambda make: make(6, make.IN, make.PULL_UP).irq(lambda pin: None, make.IRQ_FALLING | make.IRQ_RISING),
        lambda make: make(7, mode=make.OPEN_DRAIN, pull=make.PULL_UP, value=1, drive=make.DRIVE_1),
    ],
    "RTC": [lambda make: make().datetime(), lambda make: make().memory(b"12")],
    "SDCard": [lambda make: make(slot=2, width=1, sck=Pin(18), miso=Pin(19), mosi=Pin(23), cs=Pin(5))],
    "SPI": [
        lambda make: make(0),
        lambda make: make(1, baudrate=400000, polarity=1, phase=1, bits=8, firstbit=make.MSB, sck=Pin(10), mosi=11, miso=12),
    ],
    "Signal": [lambda make: make(Pin(5, Pin.OUT), invert=True).on(), lambda make: make(6, Pin.OUT, invert=False).off()],
    "SoftI2C": [lambda make: make(scl=Pin(5), sda=Pin(4), freq=100000), lambda make: make(Pin(5), Pin(4))],
    "SoftSPI": [lambda make: make(baudrate=100000, polarity=1, phase=0, sck=Pin(0), mosi=Pin(2), miso=Pin(4))],
    "Timer": [lambda make: make(-1), lambda make: make(period=5000, mode=make.ONE_SHOT, callback=lambda t: None).deinit()],
    "TouchPad": [lambda make: make(Pin(14)).read()],
    "UART": [
        lambda make: make(1, 9600, bits=7, parity=1, stop=2, tx=Pin(4), rx=Pin(5), timeout=10, invert=make.INV_TX),
        lambda make: make(2, baudrate=19200, tx=17, rx=16, cts=18, rts=19, flow=make.RTS | make.CTS, rxbuf=512),
    ],
    "WDT": [lambda make: make(timeout=8388000).feed()],
    # of other modules
    "OneWire": [lambda make: make(Pin(4)).scan()],
    "DS18X20": [lambda make: make(__import__("onewire").OneWire(Pin(4))).scan()],
    "DHTBase": [lambda make: make(Pin(4))],
    "DHT11": [lambda make: make(Pin(4)).temperature()],
    "DHT22": [lambda make: make(Pin(4)).humidity()],
    "NeoPixel": [lambda make: make(Pin(4), 8, bpp=4).fill((1, 2, 3, 4))],
    "APA106": [lambda make: make(Pin(4), 8).write()],
    "FrameBuffer": [lambda make: make(bytearray(1024), 128, 64, 0).fill(0)],
    "NVS": [lambda make: make("x").commit()],
    "Partition": [lambda make: make(make.RUNNING).info()],
    "PCNT": [lambda make: make(0, min=-100, max=100, pin=Pin(1), rising=make.INCREMENT).start()],
    "RMT": [lambda make: make(0, pin=Pin(18), clock_div=8).write_pulses((1, 20, 2, 40))],
    "PIO": [lambda make: make(0).irq(lambda pio: None)],
    "StateMachine": [lambda make: make(0, None, freq=2000, set_base=Pin(25)).active(1)],
}

for module, names in json.loads(sys.stdin.readline()).items():
    there = __import__(module)
    for name, members in names.items():
        thing = getattr(there, name, None)
        if thing is None:
            print(module, name)
            continue
        for member in members:
            if not hasattr(thing, member):
                print(module, name, member)
        if isinstance(thing, type) and not issubclass(thing, Exception):
            for make in MADE.get(name) or [lambda make: make()]:
                make(thing)
print("end")
