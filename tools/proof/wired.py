"""Draws what is wired to a board for a node, by what the node asks its board for and its drivers declare.

All that a node, a driver or a board says is text: escaped, on one line, and cut where there is no room.
"""

import textwrap
from pathlib import Path

from .. import foreign
from ..image import boards, image
from .wiring import PRINTED, Drawing

_LEFT, _EDGE = 40, 250  # x of the board's edges
_RAIL = 300  # x of the first line of a bus
_BETWEEN = 50  # two lines of a bus
_CHIP = 520  # x of what is wired to it
_BOX = 190  # its width
_ABOUT = _CHIP + _BOX + 20  # x of what there is to say of it
_ROW = 26
_WIDTH = 1150
_LETTERS = 52  # of a line of text
_PULL_UPS = {"i2c": "2.2 to 10 kΩ each", "onewire": "4.7 kΩ"}
_NAMES = {"i2c": "I2C", "spi": "SPI", "onewire": "1-Wire"}


def picture(node, board="HOST"):
    """The picture of a node's wiring on a board, as SVG. Raises Problem with the mistakes in the node's definition."""
    wired = image.wiring(node, board)
    name = boards.label(board)
    d = _Drawing(name)
    d.supplies()
    for bus in wired["buses"]:
        d.bus(bus)
    for pin in wired["pins"]:
        d.use(pin)
    return d.end(f"{Path(node).stem} on {name}")


class _Drawing(Drawing):
    def __init__(self, board):
        super().__init__(_WIDTH, 0)
        self._printed = PRINTED.get(board.split("_")[0], {"places": {}})
        self._gp = "GP" if self._printed["places"] else "GPIO"
        self._y = 90  # where there is room

    def words(self, x, y, text, kind="", most=_LETTERS):
        text = foreign.clean(str(text))
        self.text(x, y, text if len(text) <= most else text[: most - 1] + "…", kind)

    def pin(self, y, pin, x=None):
        """A pin at the board's edge, and a wire from it to `x`."""
        name = f"{self._gp}{pin}" if isinstance(pin, int) else str(pin)
        self.words(_EDGE - 10, y + 5, name, "e b", 12)
        if pin in self._printed["places"]:
            self.text(_EDGE - 95, y + 5, self._printed["places"][pin], "s e")
        if x:
            self.path(f"M{_EDGE} {y}H{x}")

    def supplies(self):
        self.pin(self._y + 20, "3V3", _RAIL)
        self.supply(_RAIL, self._y + 20, "3V3")
        self.pin(self._y + 50, "GND", _RAIL)
        self.path(f"M{_RAIL} {self._y + 50}v8")
        self.ground(_RAIL, self._y + 58, "GND")
        self._y += 110

    def bus(self, bus):
        """A bus with all that is on it: its lines go down beside the chips, the first one on the right."""
        lines = list(bus["pins"])
        self.words(_CHIP, self._y + 20, f"{bus['name']}: {_NAMES[bus['kind']]}", "b")
        pulled = _PULL_UPS.get(bus["kind"])
        y = self._y + 30
        if pulled:
            y += 110
        rails, last = {}, {}
        for i, line in enumerate(lines):
            rails[line] = x = _RAIL + _BETWEEN * (len(lines) - 1 - i)
            last[line] = y + 30 * i
            self.pin(y + 30 * i, bus["pins"][line], x)
            if bus["kind"] != "onewire":
                self.text(_EDGE + 6, y + 30 * i - 5, line, "s")
            if pulled:
                self.supply(x, y - 90, "")
                self.resistor(x, y - 90, "")
                self.path(f"M{x} {y}V{y + 30 * i}")
                if i:
                    self.dot(x, y + 30 * i)
        if pulled:
            x = _RAIL + _BETWEEN * (len(lines) - 1) + 18
            self.text(x, y - 105, "3V3", "b")
            self.text(x, y - 40, pulled)
            self.text(x, y - 22, "once; most breakout boards have them" if len(lines) > 1 else "once", "s")
        begin = {line: y + 30 * i for i, line in enumerate(lines)}
        y += 30 * len(lines) + 10
        for chip in bus["chips"]:
            y = self._chip(chip, y, rails, last, bus)
        for line, x in rails.items():
            if last[line] > begin[line]:
                self.path(f"M{x} {begin[line]}V{last[line]}")
        self._y = y + 10

    def _chip(self, chip, y, rails, last, bus):
        """A chip's box and its wires; gives where there is room below."""
        about = _about(chip["modules"], "")
        if chip["address"] is not None:
            about.append((f"address 0x{chip['address']:02x}", ""))
        if bus["kind"] == "onewire":
            about.append((f"ROM code {chip['rom']}" if chip["rom"] else "the only device on the wire", ""))
        about += _about((), chip["note"])
        rows = chip["wires"]
        height = max(_ROW * len(rows) + 40, 20 * len(about) + 20)
        self.box(_CHIP, y, _BOX, height)
        self.words(_CHIP + _BOX / 2 + 20, y + 22, chip["chip"], "m b", 16)
        for i, (pin, line) in enumerate(rows):
            row = y + 45 + _ROW * i
            self.words(_CHIP + 10, row + 5, pin, "", 18)
            if line in rails:
                self.dot(rails[line], row)
                self.path(f"M{rails[line]} {row}H{_CHIP}")
                last[line] = row
            elif line == "CS" and chip["cs"] is not None:
                self.pin(row, chip["cs"], _CHIP)
                self.text(_EDGE + 6, row - 5, "CS", "s")
            else:
                self.path(f"M{_CHIP - 30} {row}H{_CHIP}", "d" if line == "3V3" else "")
                self.words(_CHIP - 36, row + 5, line, "e b r" if line == "3V3" else "e b", 8)
        self._lines(y + 22, about)
        return y + height + 20

    def use(self, use):
        """What a pin is for that has no bus."""
        what = use["what"]
        if use["safe"] is not None:
            what += f", off at {use['safe']}"
        about = [*_about(use["modules"], ""), (what, ""), *_about((), use["note"])]
        height = max(100 if use["safe"] is not None else 50, 20 * len(about) + 15)
        up = use["safe"] == 1
        row = self._y + (height + 5 if up else 25)
        self.pin(row, use["pin"], _CHIP)
        if use["safe"] is not None:
            self.dot(_RAIL + 50, row)
        if up:
            self.resistor(_RAIL + 50, row - 90, "4.7 kΩ, pull-up")
            self.supply(_RAIL + 50, row - 90, "3V3")
        elif use["safe"] == 0:
            self.resistor(_RAIL + 50, row, "4.7 kΩ, pull-down")
            self.ground(_RAIL + 50, row + 90, "GND")
            height += 40
        if up:
            height += 60
        self.box(_CHIP, row - 17, _BOX, 34)
        self.words(_CHIP + _BOX / 2, row + 5, use["driver"] or what, "m b", 20)
        self._lines(self._y + 30 if not up else row - 20, about)
        self._y += height

    def _lines(self, y, about):
        for text, kind in about:
            self.words(_ABOUT, y, text, kind)
            y += 20

    def end(self, title):
        self.size = _WIDTH, self._y + 40
        self.box(_LEFT, 60, _EDGE - _LEFT, self._y - 60, "n")
        self.words(_LEFT, 40, title, "b", 100)
        return self.svg()


def _about(modules, note):
    """What there is to say of a thing: (text, kind) of each line."""
    found = [(line, "b") for line in textwrap.wrap(", ".join(modules), _LETTERS)]
    return found + [(line, "s") for line in textwrap.wrap(note, _LETTERS)]
