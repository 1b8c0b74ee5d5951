"""What answers at the buses of a board that is connected: I2C and 1-Wire are scanned, SPI is asked at a chip select.

Chips have no common way to say what they are: each is known by a register that it alone has so. All of it runs over the board's
REPL, without the firmware. I2C and 1-Wire never drive a line high, so a scan switches nothing on that has its pull-down.
"""

from ..problem import Problem
from . import device

# what the board is told, beside `board` and `time`
_CODE = """
def _i2c(wiring):
    # the addresses that answer, or the words for why nobody can
    global _bus
    id, scl, sda = wiring
    for line, pin in (("SDA", sda), ("SCL", scl)):
        p = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        time.sleep_ms(2)
        if not p.value():
            return line
    _bus = machine.I2C(id, scl=machine.Pin(scl), sda=machine.Pin(sda), freq=100000)
    found = []
    for address in range(0x08, 0x78):
        _dog.feed()
        try:
            _bus.writeto(address, b"")
            found.append(address)
        except OSError as e:
            if e.args[0] in (110, 116):
                return "SCL or SDA"
    return found
def _ask(address, send, ms, n):
    try:
        if send:
            _bus.writeto(address, send)
        time.sleep_ms(ms)
        return _bus.readfrom(address, n)
    except OSError:
        return None
def _put(address, send):
    _bus.writeto(address, send)
def _spi(wiring, cs, phase, send):
    id, sck, mosi, miso = wiring
    spi = machine.SPI(
        id, baudrate=1000000, polarity=0, phase=phase, sck=machine.Pin(sck), mosi=machine.Pin(mosi), miso=machine.Pin(miso)
    )
    p = machine.Pin(cs, machine.Pin.OUT, value=1)
    got = bytearray(len(send))
    p(0)
    try:
        spi.write_readinto(send, got)
    finally:
        p(1)
        machine.Pin(cs, machine.Pin.IN, machine.Pin.PULL_UP)
    return bytes(got)
def _onewire(pin):
    # ROM codes of all that is on the wire, or the words for why there can be none
    import _onewire as w
    p = machine.Pin(pin, machine.Pin.OPEN_DRAIN, machine.Pin.PULL_UP, value=1)
    time.sleep_ms(2)
    if not p.value():
        return "it"
    found = []
    differs = 64
    code = bytearray(8)
    while differs >= 0:
        _dog.feed()
        if not w.reset(p):
            break
        w.writebyte(p, 0xF0)
        last = -1
        for i in range(64):
            bit = w.readbit(p)
            other = w.readbit(p)
            if bit and other:
                return found  # nobody any more
            if not bit and not other:
                # the ways part: as last time before the last branch not yet taken, and the other way there
                if i < differs:
                    bit = code[i >> 3] >> (i & 7) & 1
                else:
                    bit = 1 if i == differs else 0
                if not bit:
                    last = i
            w.writebit(p, bit)
            code[i >> 3] = code[i >> 3] & ~(1 << (i & 7)) | bit << (i & 7)
        if not w.crc8(code):
            found.append(bytes(code))
        differs = last
        if len(found) == 32:
            break
    return found
"""
_FAMILIES = {0x28: "DS18B20", 0x22: "DS1822", 0x10: "DS18S20", 0x3B: "DS1825 or MAX31850"}
_UNKNOWN = "a chip that is not known here"


def begin(there):
    """Tell the board how; it knows `board`, `machine`, `time` and `_dog` already."""
    there.exec(_CODE)


def of(there, kind):
    """The buses of a kind, "I2C", "SPI" or "ONEWIRE", as the board's board.py has them: {name: pins}."""
    known = there.eval(f"getattr(board, {kind!r}, {{}})", dict)
    length = {"I2C": 3, "SPI": 4}.get(kind)
    for name, wiring in known.items():
        good = isinstance(wiring, tuple) and len(wiring) == length and all(type(n) is int for n in wiring)
        if not isinstance(name, str) or not (good if length else type(wiring) is int):
            raise Problem(f"board.{kind} makes no sense")
    return dict(sorted(known.items()))


def pins(kind, wiring):
    """The pins of a bus."""
    return [wiring] if kind == "ONEWIRE" else list(wiring[1:])


# ---- I2C


def scan_i2c(there, wiring):
    """(addresses that answer, words for what keeps the bus from working, "" where nothing does)."""
    found = there.eval(f"_i2c({wiring!r})", {str, list}, 10)
    if isinstance(found, str):
        return [], f"{found} stays low"
    return [address for address in found if type(address) is int], ""


def chip(there, address):
    """What is at an address of the bus that was scanned last, in words."""

    def ask(send, n=2, ms=0):
        found = there.eval(f"_ask({address}, {bytes(send)!r}, {ms}, {n})", {bytes, None})
        return found if found is not None and len(found) == n else b""

    return _name(address, ask) or _UNKNOWN


def _name(address, ask):
    if 0x44 <= address <= 0x46:
        for name, send in (("SHT4x", b"\x89"), ("SHT3x", b"\x37\x80")):
            found = ask(send, 6, 5)
            if found and _crc8(found[:2]) == found[2] and _crc8(found[3:5]) == found[5]:
                return name
    if 0x40 <= address <= 0x4F:
        if ask(b"\xfe") == b"TI" and ask(b"\xff") == b"\x22\x60":
            return "INA226"
        # no identity: as it is after power on, or as drivers.ina219 leaves it
        if ask(b"\x00") in (b"\x39\x9f", b"\x3e\xef"):
            return "INA219"
    if 0x48 <= address <= 0x4B and ask(b"\x02") == b"\x80\x00" and ask(b"\x03") == b"\x7f\xff":
        return "ADS1115 or ADS1015"
    if address in (0x76, 0x77):
        return {0x60: "BME280", 0x58: "BMP280, which measures no humidity", 0x61: "BME680"}.get((ask(b"\xd0", 1) or b"\0")[0])
    if 0x60 <= address <= 0x67:
        code = eeprom(ask(b"", 5))
        if code is not None:
            return f"MCP4725, its EEPROM at {code} of 4096"
    return None


def _crc8(data):
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


def eeprom(found):
    """The code in the EEPROM of a MCP4725, by the five bytes that it answers; None where these are none."""
    if len(found) != 5 or found[0] & 0x39 or found[2] & 0x0F or found[3] & 0x90:
        return None
    return 0 if found[3] & 0x60 else (found[3] & 0x0F) << 8 | found[4]


def keep(there, address, code):
    """Write the EEPROM of the MCP4725 at an address of the bus that was scanned last; (whether it was written, code there now).

    Raises Problem where there is none.
    """

    def now():
        for _ in range(4):
            found = there.eval(f"_ask({address}, b'', 25, 5)", {bytes, None}) or b""
            if found and found[0] & 0x80:  # else it writes still, up to 50 ms
                break
        there_now = eeprom(found)
        if there_now is None:
            raise Problem(f"at address 0x{address:02x} is no MCP4725")
        return there_now

    before = now()
    if before == code:
        return False, before
    there.exec(f"_put({address}, {bytes((0x60, code >> 4, (code & 15) << 4))!r})")
    return True, now()


# ---- SPI


def chip_at(there, wiring, cs):
    """What is at a chip select of an SPI bus, in words; None where nobody drives the line."""

    def ask(phase, send):
        return there.eval(f"_spi({wiring!r}, {cs}, {phase}, {bytes(send)!r})", bytes)

    found = ask(1, bytes(17))[1:]
    # what drivers.max31856 leaves as it is after power on: limits of both junctions
    if found[3:9] == b"\x7f\xc0\x7f\xff\x80\x00":
        return "MAX31856"
    if any(found) and found != b"\xff" * 16:
        was = found[6]
        try:
            ask(1, (0x86, 0x5A))  # a limit, that can be anything
            if ask(1, (0x06, 0))[1] == 0x5A:
                return "MAX31865"
        finally:
            ask(1, (0x86, was))
    word = ask(0, bytes(4))
    if any(word) and word != b"\xff" * 4 and not word[1] & 2 and not word[3] & 8:
        code = word[2] << 4 | word[3] >> 4
        junction = (code - 0x1000 if code & 0x800 else code) / 16
        if -40 <= junction <= 125:
            return f"MAX31855, {junction:.1f} °C at its cold junction"
    return _UNKNOWN if any(found) and found != b"\xff" * 16 else None


# ---- 1-Wire


def scan_onewire(there, pin):
    """({ROM code: what has it, in words}, words for what keeps it from working, "" where nothing does)."""
    try:
        found = there.eval(f"_onewire({pin})", {str, list}, 10)
    except device.BoardError as e:
        if "ImportError" in str(e):
            return {}, "its MicroPython has no _onewire"
        raise
    if isinstance(found, str):
        return {}, "it stays low"
    codes = [code for code in found if isinstance(code, bytes) and len(code) == 8]
    return {code.hex(): _FAMILIES.get(code[0], _UNKNOWN) for code in codes}, ""
