from chips import address as where
from secnode.datainfo import Int, String
from secnode.module import Parameter, Readable


class Instrument(Readable):
    value = Parameter(Int(0, 1000), description="the address of the chip")
    _transfer = Parameter(Int(0, 1000), description="the error number of a transfer")
    _bytes = Parameter(String(200), description="what is read from empty buses")
    _wire = Parameter(String(200), description="what 1-Wire and DHT say")
    _late = Parameter(String(200), description="from a file that is imported when it is needed")
    _pins = Parameter(String(200), description="what pins say")

    def __init__(self, bus, soft, spi, soft_spi, uart, wire, humidity, strip, signal, **more):
        super().__init__(**more)
        self.buses = bus, soft
        self.spis = spi, soft_spi
        self.uart, self.wire, self.humidity, self.strip, self.signal = uart, wire, humidity, strip, signal

    def read_value(self):
        for bus in self.buses:
            assert bus.scan() == []
        return where.ADDRESS

    def read__transfer(self):
        found = []
        for bus in self.buses:
            for transfer, *arguments in (
                (bus.readfrom, 2),
                (bus.readfrom_into, bytearray(2)),
                (bus.readfrom_mem, 1, 2),
                (bus.writeto, b"12"),
                (bus.writeto_mem, 1, b"12"),
            ):
                try:
                    transfer(where.ADDRESS, *arguments)
                except OSError as e:
                    found.append(e.errno)
        assert len(found) == 10
        return found[0] if len(set(found)) == 1 else 0

    def read__bytes(self):
        buffer = bytearray(b"xy")
        for spi in self.spis:
            spi.write(b"ab")
            spi.write_readinto(b"ab", buffer)
        sent = self.uart.write(b"abc")
        found = self.uart.any(), self.uart.read(3), self.uart.readline(), self.uart.readinto(bytearray(2))
        return "%r %r %r %r" % (self.spis[0].read(2), bytes(buffer), sent, found)

    def read__wire(self):
        import onewire

        try:
            self.wire.convert_temp()
        except onewire.OneWireError:
            try:
                self.humidity.measure()
            except OSError as e:
                self.strip[1] = (1, 2, 3)
                self.strip.write()
                return "%r %d %r" % (self.wire.scan(), e.errno, self.strip[1])

    def read__late(self):
        from chips.late import TEXT

        return TEXT

    def read__pins(self):
        return "%d %d" % (self.signal.value(), self.wire.ow.pin.value())
