"""CPython stand-in for MicroPython's `micropython`."""


def const(value):
    return value


def _same(function):
    return function


def _nothing(*args):
    pass


native = viper = asm_thumb = asm_xtensa = asm_xtensawin = _same
mem_info = qstr_info = alloc_emergency_exception_buf = kbd_intr = heap_lock = heap_unlock = _nothing


def schedule(function, argument):
    """A board calls it soon; here it is at once."""
    function(argument)


def opt_level(level=None):
    return 0


def stack_use():
    return 0


def heap_locked():
    return 0
