"""I2C, SPI and I2S of the simulated board, with nothing on them: they answer as an empty bus does."""

import errno

from rest import fail


def _nothing(*args, **options):
    pass


def _nobody(*args, **options):
    # no address is acknowledged
    fail(errno.ENODEV)


class I2C:
    """No chip is on it: scan() finds none, and each transfer raises OSError(ENODEV)."""

    def __init__(self, id=-1, scl=None, sda=None, freq=400000, timeout=50000, **options):
        pass

    init = deinit = start = stop = _nothing

    def scan(self):
        return []

    readfrom = readfrom_into = writeto = writevto = readfrom_mem = readfrom_mem_into = writeto_mem = _nobody
    # primitive operations, of SoftI2C: nobody acknowledges, and a line that nobody pulls is high

    def readinto(self, buf, nack=True):
        for i in range(len(buf)):
            buf[i] = 0xFF

    def write(self, buf):
        return 0


class SoftI2C(I2C):
    def __init__(self, scl, sda, freq=400000, timeout=50000):
        pass


class I2CTarget:
    """Nobody asks it."""

    IRQ_ADDR_MATCH_READ, IRQ_ADDR_MATCH_WRITE, IRQ_READ_REQ, IRQ_WRITE_REQ, IRQ_END_READ, IRQ_END_WRITE = 1, 2, 4, 8, 16, 32

    def __init__(self, id, addr=None, addrsize=7, mem=None, mem_addrsize=8, scl=None, sda=None):
        self.memaddr = 0

    deinit = irq = _nothing

    def readinto(self, buf):
        return 0

    def write(self, buf):
        return 0


class SPI:
    """Nobody drives MISO: it reads zeros."""

    MSB, LSB = 0, 1
    CONTROLLER = MASTER = 0

    def __init__(self, id=-1, baudrate=1000000, polarity=0, phase=0, bits=8, firstbit=MSB, sck=None, mosi=None, miso=None):
        pass

    init = deinit = write = _nothing

    def read(self, nbytes, write=0x00):
        return bytes(nbytes)

    def readinto(self, buf, write=0x00):
        for i in range(len(buf)):
            buf[i] = 0

    def write_readinto(self, write_buf, read_buf):
        if len(write_buf) != len(read_buf):
            raise ValueError("buffers must be the same length")
        self.readinto(read_buf)


class SoftSPI(SPI):
    def __init__(self, baudrate=500000, polarity=0, phase=0, bits=8, firstbit=SPI.MSB, sck=None, mosi=None, miso=None):
        if sck is None or mosi is None or miso is None:
            raise ValueError("must specify all of sck/mosi/miso")


class I2S:
    """Silence."""

    RX, TX, MONO, STEREO = 0, 1, 0, 1

    def __init__(self, id, sck=None, ws=None, sd=None, mode=RX, bits=16, format=MONO, rate=8000, ibuf=2000, mck=None):
        pass

    init = deinit = irq = shift = _nothing

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = 0
        return len(buf)

    def write(self, buf):
        return len(buf)
