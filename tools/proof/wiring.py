"""Draws how a board is wired, boards/<BOARD>/wiring.svg, with the pins of its board.py: python3 -m tools.proof.wiring

One picture for all of them: a board is a box with the pins that are used. What its pins are called on the print is in PRINTED.
"""

import sys
from html import escape

from ..image import boards

_PICO = {
    "reference": "ADC_VREF", "ground": "AGND", "places": {
        "ADC_VREF": "pin 35", "AGND": "pin 33", "GND": "pin 3", "3V3": "pin 36",
        # going round, three pins and a ground, four and a ground
        **{pin: f"pin {pin + 1 + (pin + 2) // 4}" for pin in range(23)}, 26: "pin 31", 27: "pin 32", 28: "pin 34",
    },
}  # fmt: skip
_ESP32 = {"reference": "3V3", "ground": "GND", "places": {}}
PRINTED = {"RPI": _PICO, "W5500": _PICO, "ESP32": _ESP32, "OLIMEX": _ESP32}

_STYLE = (
    "text{font:15px sans-serif;fill:#222}.s{font-size:13px;fill:#555}.b{font-weight:bold}.e{text-anchor:end}"
    ".m{text-anchor:middle}path,rect,circle{fill:none;stroke:#222;stroke-width:2}.f{fill:#222}.w{fill:#fff}.d{stroke:#b00020}.r{fill:#b00020}"
)
_EDGE = 250  # x of the board's right edge


class Drawing:
    def __init__(self, width, height):
        self.size = width, height
        self.parts = []

    def path(self, d, kind=""):
        self.parts.append(f'<path class="{kind}" d="{d}"/>')

    def text(self, x, y, text, kind=""):
        self.parts.append(f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>')

    def box(self, x, y, width, height, kind="w"):
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>')

    def dot(self, x, y):
        self.parts.append(f'<circle class="f" cx="{x}" cy="{y}" r="3"/>')

    # ---- parts; those that hang begin at (x, y) and go down 90

    def resistor(self, x, y, value, side=1):
        self.path(f"M{x} {y}v25m0 40v25")
        self.box(x - 8, y + 25, 16, 40)
        self.text(x + 18 * side, y + 50, value, "" if side > 0 else "e")

    def thermistor(self, x, y, value):
        self.resistor(x, y, value)
        self.path(f"M{x - 18} {y + 66}h8l20 -42")

    def ground(self, x, y, name):
        self.path(f"M{x - 14} {y}h28m-23 6h18m-13 6h8")
        self.text(x + 20, y + 10, name, "s")

    def supply(self, x, y, name):
        self.path(f"M{x} {y}v-8m-7 0h14l-7 -12z", "w")
        self.text(x + 12, y - 10, name, "b")

    def svg(self):
        width, height = self.size
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        white = f'<rect style="fill:#fff;stroke:none" width="{width}" height="{height}"/>'
        return "\n".join([head, f"<style>{_STYLE}</style>", white, *self.parts, "</svg>", ""])


def picture(board):
    """The picture of a board, as SVG."""
    has = boards.constants(boards.file(board), ("HEATER_PIN", "SENSOR_ADC", "OUTSIDE_ADC", "UART"))
    printed = PRINTED[board.split("_")[0]]
    is_pico = printed is _PICO
    reference, ground = printed["reference"], printed["ground"]
    d = Drawing(960, 940)

    def pin(y, label, x):
        name = label if isinstance(label, str) else ("GP" if is_pico else "GPIO") + str(label)
        d.text(_EDGE - 10, y + 5, name, "e b")
        if label in printed["places"]:
            d.text(_EDGE - 25 - 11 * len(name), y + 5, printed["places"][label], "s e")
        d.path(f"M{_EDGE} {y}H{x}")

    d.box(40, 40, _EDGE - 40, 860)
    d.text(55, 70, board, "b")
    d.path("M40 120h-22m0 -10v20")
    d.text(55, 125, "USB", "s")

    pin(160, reference, 300)
    d.supply(300, 160, reference)
    for y, label, what in ((240, has["SENSOR_ADC"], "on the heated part"), (490, has["OUTSIDE_ADC"], "outside")):
        pin(y, label, 440)
        d.dot(440, y)
        d.supply(440, y - 90, reference)
        d.resistor(440, y - 90, "10 kΩ" if is_pico else "4.7 kΩ", -1)
        d.thermistor(440, y, "thermistor, NTC 10 kΩ")
        d.text(458, y + 68, what, "s")
        d.ground(440, y + 90, ground)
        if not is_pico:
            d.path(f"M440 {y}H690")
            d.resistor(690, y, "12 kΩ")
            d.ground(690, y + 90, ground)
    if is_pico:
        pin(620, ground, 300)
        d.path("M300 620v9")
        d.ground(300, 629, ground)

    pin(700, has["HEATER_PIN"], 320)
    d.box(320, 692, 50, 16)
    d.text(345, 683, "100 Ω", "m")
    d.path("M370 700h90")
    d.dot(400, 700)
    d.resistor(400, 700, "4.7 kΩ", -1)
    d.text(382, 768, "pull-down", "s e")
    d.ground(400, 790, "GND")
    # the transistor: gate; channel; drain, body and source
    d.path("M460 680v40M468 676v12m0 6v12m0 6v12M468 682h32v-42M468 718h32v72M468 700h32v18M470 700l9 -5v10z")
    d.ground(500, 790, "GND, and 0 V of the 24 V supply")
    d.text(514, 700, "MOSFET, n-channel,")
    d.text(514, 720, "its resistance given for 2.5 V at the gate", "s")
    d.path("M500 640h40m70 0h50m70 0h40m60 0h60v-10")
    d.box(540, 630, 70, 20)
    d.text(575, 618, "heater", "m")
    d.box(660, 628, 70, 24, "d")
    d.path("M660 640h20l5 -9h20l5 9h20", "d")
    d.text(695, 618, "thermal cut-out", "m r b")
    d.text(695, 668, "on the heated part", "s m")
    d.box(770, 632, 60, 16)
    d.path("M770 640h60")
    d.text(800, 618, "fuse", "m")
    d.supply(890, 632, "+24 V")

    pin(781, "GND", 300)
    d.path("M300 781v9")
    d.ground(300, 790, "GND")
    for y, label, end in ((840, has["UART"]["tx"], "RX"), (875, has["UART"]["rx"], "TX")):
        pin(y, label, 440)
        d.text(450, y + 5, f"{end} of a serial adapter for 3.3 V, if you want one")
    return d.svg()


def main():
    for board in boards.names():
        boards.file(board).with_name("wiring.svg").write_text(picture(board), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
