"""CPython stand-in for MicroPython's `micropython`."""


def const(value):
    return value
