"""Runs first after every reset: nothing that is connected to this board may be on before something decides so."""

import gc

import board
from machine import Pin

for _pin in board.OUTPUTS:
    Pin(_pin, Pin.OUT, value=0)

# collected often while main.py loads its modules, what is left of the heap stays in one piece
gc.threshold(4096)
