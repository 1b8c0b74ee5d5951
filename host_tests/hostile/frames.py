"""transport/websocket.py over bytes of the test's own, at a level: the lines it makes of them (see driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path
from coded import to_bytes, to_hex

from transport import tcp, websocket


class Socket:
    """Gives what it has, in the pieces that it was given."""

    def __init__(self, pieces):
        self._pieces = pieces

    def readinto(self, buf):
        if not self._pieces:
            return None
        n = min(len(buf), len(self._pieces[0]))
        buf[:n] = self._pieces[0][:n]
        self._pieces[0] = self._pieces[0][n:]
        if not self._pieces[0]:
            self._pieces.pop(0)
        return n

    def setsockopt(self, *args):
        pass


class Session:
    """Takes frames in answer; full now and then."""

    def __init__(self, full):
        self.said = b""
        self._full = full

    def insert(self, data):
        self._full -= 1
        if self._full >= 0:
            return False
        self.said += bytes(data)
        return True


def lines(pieces, rooms, full):
    """[what a session would read, the frames in answer, whether it has ended] (hex)."""
    session = Session(full)
    socket = Socket([to_bytes(piece) for piece in pieces])
    stream = websocket.WebSocket(socket, session)
    buf = bytearray(1026)
    view = memoryview(buf)
    found = b""
    idle = turn = 0
    while idle < 3:
        room = rooms[turn % len(rooms)]
        turn += 1
        for i in range(len(buf)):
            buf[i] = 0x55
        n = stream.take(buf, view, len(buf) - room)
        if n == 0:
            return [to_hex(found), to_hex(session.said), True]
        idle = 0 if n or socket._pieces else idle + 1
        if n:
            found += bytes(view[len(buf) - room : len(buf) - room + n])
    return [to_hex(found), to_hex(session.said), False]


def frame(line):
    """The frame of a line (hex), as bytes and as it is put into a buffer."""
    stream = websocket.WebSocket(Socket([]), None)
    line = to_bytes(line)
    buf = bytearray(20)
    n = stream.head(buf, 3, len(line) - 1)
    assert stream.frame(line) == bytes(buf[3 : 3 + n]) + line[:-1] and n <= 1 + stream.framed
    return to_hex(stream.frame(line))


if __name__ == "__main__":
    assert tcp
    driver.serve({"lines": lines, "frame": frame})
