"""Who has the board's console when the node does not: a person or mpremote at the REPL, or nobody.

A node that was ended by Ctrl-C (byte 3) is not to stay down because of one stray byte, and one that goes on must not be in
the way of whoever works on the board. So the console is offered for a while. Enter takes it, and so does what mpremote and
the like begin with; the lines of a SECoP client do not.
"""

import os
import select
import sys
import time

from micropython import const

OFFER_S = const(10)  # after Ctrl-C
MAINTENANCE_S = const(60)  # in a maintenance start
FLAG = "maintenance"
_LF = const(10)


def maintenance(path):
    """Whether this start is for maintenance: a file of that name was made before. It counts once."""
    try:
        os.remove(path)
        return True
    except OSError:
        return False


def is_taken(seconds, text, feed=None):
    """Offer the console, with a text for a person; gives whether somebody took it within some seconds.

    `feed()` is called at least ten times a second.
    """
    stdin = getattr(sys.stdin, "buffer", sys.stdin)
    one = bytearray(1)
    poll = select.poll()
    poll.register(stdin, select.POLLIN)
    end = time.ticks_add(time.ticks_ms(), seconds * 1000)
    try:
        print("\n%s\nEnter: the REPL. Nothing: the node starts in %d s." % (text, seconds))
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            if feed:
                feed()
            if poll.poll(100):
                # no more than one: the console would wait for it, and what was read is lost to the REPL
                n = stdin.readinto(one)  # type: ignore - of bytes
                if not n or (one[0] < 0x20 and one[0] != _LF):
                    return True
    except KeyboardInterrupt:
        return True
    return False
