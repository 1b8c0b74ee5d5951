"""The models of chips that hang on the emulated chip's buses and pins: those that the simulated board has for the same node.

    python3 chips.py READ WRITE FIRMWARE BOARD HOST SHIMS [NODE_FILE FOLDER]

A process of its own: it puts stand-ins for MicroPython into place, makes the node as it is made at the start of a board, so
that its drivers say what they ask for, and then answers what the emulator asks. A question is a line of JSON, [what is known
now, levels of chip selects since the last one, name, arguments], at the file descriptor READ, its answer one at WRITE.
"""

import contextlib
import copy
import importlib.util
import io
import json
import os
import sys

_SUPPLY = 3.3  # V


class Models:
    """What may be asked: its methods. `now` is what the emulator has: `ms`, `hot` and `outside` in degC, `levels` of pins."""

    def __init__(self, board, machine):
        import models

        from secnode import pace

        self._board = board
        self._machine = machine
        self._buses = machine._sim_buses()  # with the PC's clock and a plant of its own
        self.now = {}
        models.clock = pace.ticks_ms = lambda: int(self.now["ms"]) & (1 << 30) - 1
        models.sources.update(hot=lambda: self.now["hot"], temperature=lambda: self.now["outside"])
        self._spi = {}  # by id
        self.off()  # what the node has told its chips while it was made here

    def know(self, now, selects):
        """What the emulator sends along with a question."""
        self.now = now
        levels = self._machine.levels
        for pin, level in now["levels"].items():
            levels[int(pin)] = level
        for pin, level in selects:
            levels[pin] = level
            self._buses.drive(pin, level)

    # ---- what there is

    def wired(self):
        """The buses with their pins, and the pins that have models."""
        import attached

        attached.find("pin", None)  # what the node's file brings
        pins = {kind: sorted(pin for of, pin in attached.models if of == kind and pin is not None) for kind in ("pin", "adc")}
        known = {name: getattr(self._board, name, {}) for name in ("I2C", "SPI", "ONEWIRE")}
        return {
            "i2c": [{"name": name, "id": id, "scl": scl, "sda": sda} for name, (id, scl, sda) in known["I2C"].items()],
            "spi": [
                {"name": name, "id": id, "sck": sck, "mosi": mosi, "miso": miso, "selects": self._selects(name)}
                for name, (id, sck, mosi, miso) in known["SPI"].items()
            ],
            "onewire": [{"name": name, "pin": pin} for name, pin in known["ONEWIRE"].items()],
            "inputs": pins["pin"],
            "adcs": pins["adc"],
        }

    def _selects(self, name):
        import attached

        bus = self._buses.opened().get(name)
        found = {device.pin for device in bus.devices} if bus else set()
        return sorted(found | {pin for of, pin in attached.models if of == name and isinstance(pin, int)})

    def _there(self, kind, key, where):
        found = (self._buses.there(kind, key) or {}).get(where)
        return None if found is None or found.fault == "absent" else found

    # ---- I2C

    def i2c_there(self, id, address):
        return self._there("I2C", id, address) is not None

    def i2c_write(self, id, address, data):
        model = self._there("I2C", id, address)
        return model is not None and bool(model.write(bytes(data)))

    def i2c_read(self, id, address):
        """What it would say, None where it does not acknowledge: how much of it is wanted nobody knows yet."""
        model = self._there("I2C", id, address)
        data = model and copy.deepcopy(model).read(256)
        return None if data is None else list(data)

    def i2c_taken(self, id, address, n):
        """So much was."""
        model = self._there("I2C", id, address)
        if model:
            model.read(n)

    # ---- SPI and 1-Wire

    def spi(self, id, mode, byte):
        bus = self._spi.setdefault(id, self._buses.SPI(id))
        bus.init(polarity=mode[0], phase=mode[1])
        buf = bytearray([byte])
        bus.write_readinto(buf, buf)
        return buf[0]

    def wire_reset(self, pin):
        present = [model.present() for model in self._buses.wire(pin) or ()]  # each of them is to hear it
        return any(present)

    def wire_slot(self, pin, bit):
        return min([model.slot(bit) for model in self._buses.wire(pin) or ()] + [1])

    # ---- pins

    def pins(self, wanted):
        """The levels that models give to these inputs."""
        import wired

        return [wired.digital(pin, 0) for pin in wanted]

    def adc(self, pin):
        """Of the supply."""
        import wired

        return wired.volts(pin) / _SUPPLY

    # ---- what breaks

    def fault(self, words):
        """As at the console of the simulated board: whether it is about buses and chips, what it says, what buses have now.

        Without words it says what there is to break.
        """
        import console

        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            known = console.on_buses(["fault", *words])
        return {"known": known, "said": said.getvalue().strip(), "broken": self._buses.broken}

    def mended(self, name):
        self._buses.broken.pop(name, None)

    def off(self):
        """The board's power is off, and so is the chips'."""
        import attached

        for model in attached.models.values():
            if hasattr(model, "reset"):
                model.reset()


def main(read, write, firmware, board_dir, host, shims, node_file=None, folder=None):
    questions, answers = os.fdopen(int(read), encoding="utf-8"), os.fdopen(int(write), "w", encoding="utf-8")
    sys.path[:1] = [shims, board_dir, host, firmware]  # in the place of this folder, whose modules may have their names
    import cpython  # noqa: F401 - it has effects alone

    sys.stdout = sys.stderr  # what a node prints
    import board
    import machine

    if node_file:
        sys.path.append(folder)
        name = "nodes." + os.path.splitext(os.path.basename(node_file))[0]
        spec = importlib.util.spec_from_file_location(name, node_file)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.node(board)
    found = Models(board, machine)
    for line in questions:
        now, selects, name, arguments = json.loads(line)
        found.know(now, selects)
        answers.write(json.dumps({"result": getattr(found, name)(*arguments)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
