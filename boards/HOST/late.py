"""Says it where a pin becomes an output that the node's list does not have: neither boot.py nor board.off() knows it then."""

import sys

import board
from secnode import log

_known = None


def look(pin):
    """The firmware makes a pin (a number or name) an output."""
    global _known
    if "running" not in sys.modules:
        return  # boot.py, which goes by the list
    if _known is None:
        _known = set(board.OUTPUTS)
        try:
            with open("outputs.txt") as f:
                _known.update([int(line.split()[0]) for line in f if not line.startswith("=")])
        except (OSError, ValueError, IndexError):
            _known.update(range(100))  # boot.py has done what it can
    if pin not in _known and not isinstance(pin, str):
        _known.add(pin)
        text = "GPIO%d becomes an output while the node runs, and nothing puts it off at the start and the end: open it when "
        log.error("", text + "the node is made, e.g. by board.pin_out(%d)", pin, pin)
