"""Runs first after every reset: nothing that is connected to this board may be on before something decides so."""

import board
from machine import Pin

for _pin in board.OUTPUTS:
    Pin(_pin, Pin.OUT, value=0)
