"""Programs on a board whose time goes in steps: it stands still while they think, so how fast this PC is does not matter.

A Cable is what they have in their hands; programs that use pyserial and a clock of their own get both by `in_steps`.
"""

import base64
import contextlib
import errno
import io
import math
import sys
import time

from ..problem import Problem

_POLL = 0.02  # ms that pass when somebody looks whether something came
_CONNECTS = 30  # s
_ON = 0.05  # s between two tries to open what is not there


class Cable:
    """A program's end of a board's line, "usb" or "uart", with what tests use of a socket. Time-outs are the chip's, in s.

    Any other name is a connection over TCP, to a board that has a network. Raises ConnectionError where it is refused.
    """

    def __init__(self, board, port, timeout=10):
        self._board, self._port = board, port
        self._timeout = timeout
        self._came = b""
        self._gone = False
        self.cut = math.inf  # bytes that can be written until the cable is pulled, with the board's power
        board.do("open", port=port)
        self._open = True
        if port not in ("usb", "uart"):
            board.until(lambda: board.do("state", port=port) != "opening", _CONNECTS, step=1)
            if board.do("state", port=port) != "open":
                self.close()
                raise ConnectionRefusedError(errno.ECONNREFUSED, "the board does not take this connection")

    def close(self):
        if self._open:
            self._open = False
            self._board.do("close", port=self._port)

    def shutdown(self, _):
        """No more is sent, over TCP."""
        self._board.do("shutdown", port=self._port)

    def sleep(self, sleeps):
        """The computer at this end of a connection over TCP falls asleep, or wakes up: it neither hears nor says anything."""
        self._board.do("sleep", port=self._port, sleeps=sleeps)

    def fileno(self):
        return 1 if self._open else -1

    def setsockopt(self, *_):
        pass

    def settimeout(self, seconds):
        self._timeout = seconds

    def sendall(self, data):
        self._look(0)
        if self._gone:
            raise BrokenPipeError(errno.EPIPE, "the board is gone")
        part = bytes(data)[: min(self.cut, len(data))]
        self.cut -= len(part)
        self._board.write(self._port, part)
        if len(part) < len(data):
            self._board.sleep(10)
            self._board.off()
            raise OSError(errno.EIO, "the board is gone")

    send = write = sendall

    def recv(self, n):
        """What came, up to n bytes; waits for the first. b"" when the board is gone."""
        self.wait(-1, self._timeout)
        data, self._came = self._came[:n], self._came[n:]
        if not data and not self._gone:
            raise TimeoutError("nothing came")
        return data

    def line(self, timeout):
        """The next line, without its end. Raises TimeoutError, or EOFError when the board is gone."""
        self.wait(10, timeout)
        line, end, rest = self._came.partition(b"\n")
        if not end:
            raise EOFError(line) if self._gone else TimeoutError(f"no line came: {line!r}")
        self._came = rest
        return line

    def expect(self, text, timeout):
        """Let time pass until this has come; gives all up to its end. Raises TimeoutError or EOFError with what came."""
        end = self._board.time + 1000 * timeout
        while text not in self._came:
            left = end - self._board.time
            if self._gone or left <= 0:
                raise (EOFError if self._gone else TimeoutError)(self._came)
            self._look(left, text[-1])
        before, _, self._came = self._came.partition(text)
        return before + text

    def wait(self, byte, timeout):
        """Let time pass until this byte has come, any if that is -1; not longer than `timeout`, in s, None is no limit."""
        end = None if timeout is None else self._board.time + 1000 * timeout
        while not (self._has(byte) or self._gone):
            left = math.inf if end is None else end - self._board.time
            if left <= 0:
                return
            self._look(left, byte)

    def _has(self, byte):
        return self._came and (byte == -1 or byte in self._came)

    def waiting(self):
        """How many bytes have come."""
        if not self._came:
            self._look(_POLL)
        return len(self._came)

    def _look(self, ms, byte=-1):
        came, gone = self._board.advance(ms, self._port, byte) if ms else self._board.take(self._port)
        self._came += came
        self._gone = self._gone or gone


def broadcast(board, port, data, seconds):
    """Ask all on a board's network, by UDP; gives the datagrams that came back within so long."""
    board.do("datagrams")
    board.do("broadcast", port=port, data=base64.b64encode(data).decode())
    return heard(board, seconds)


def heard(board, seconds):
    """The datagrams that come within so long, also to a port that board.do("hear", port=...) has named."""
    board.sleep(1000 * seconds)
    return [base64.b64decode(data) for data in board.do("datagrams")]


class Serial:
    """The board's USB as pyserial has a port; `cut` as a Cable has it."""

    def __init__(self, board, timeout=None, cut=math.inf, **_):
        self._board, self._cut = board, cut
        self._cable = None
        self.timeout = timeout
        self.write_timeout = None
        self.rts = self.dtr = True

    def open(self):
        try:
            self._cable = Cable(self._board, "usb")
        except Problem:
            self._board.sleep(1000 * _ON)
            raise FileNotFoundError(errno.ENOENT, "there is no board") from None
        self._cable.cut = self._cut

    def isOpen(self):
        return self._cable is not None

    def close(self):
        if self._cable:
            self._cable.close()
        self._cable = None

    def write(self, data):
        self._cable.sendall(data)
        return len(data)

    def read(self, n=1):
        self._cable.settimeout(self.timeout)
        data = b""
        with contextlib.suppress(TimeoutError):
            while len(data) < n:
                more = self._cable.recv(n - len(data))
                if not more:
                    raise OSError(errno.EIO, "the board is gone")
                data += more
        return data

    def inWaiting(self):
        return self._cable.waiting()

    @property
    def in_waiting(self):
        return self.inWaiting()


class Clock:
    """What a program has as `time`, in a board's time."""

    def __init__(self, board):
        self._board = board

    def time(self):
        return self._board.time / 1000

    monotonic = perf_counter = time

    def sleep(self, seconds):
        self._board.sleep(1000 * seconds)

    def __getattr__(self, name):
        return getattr(time, name)


@contextlib.contextmanager
def in_steps(board, *modules, cut=math.inf):
    """Whoever opens a serial port in here gets the board's USB; mpremote and these modules have the board's time."""
    import mpremote.transport_serial
    import serial

    def port(url, do_not_open=False, **options):
        found = Serial(board, options.get("timeout"), cut)
        if not do_not_open:
            found.open()
        return found

    clock = Clock(board)
    changes = [(serial, "serial_for_url", port)]
    changes += [(module, "time", clock) for module in (mpremote.transport_serial, *modules)]
    with contextlib.ExitStack() as stack:
        for where, name, what in changes:
            stack.callback(setattr, where, name, getattr(where, name))
            setattr(where, name, what)
        yield


def mpremote(board, *words, cut=math.inf):
    """Run mpremote on a board's USB, in this process; gives what it printed. Raises Problem where it failed."""
    import mpremote.main

    before = sys.argv, sys.stdout, sys.stderr
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    sys.argv, sys.stdout, sys.stderr = ["mpremote", "connect", "/dev/emulated", *map(str, words)], said, said
    why = None
    try:
        with in_steps(board, cut=cut):
            code = mpremote.main.main()
    except SystemExit as e:
        code = e.code
    except Exception as e:
        code, why = 1, e
    finally:
        sys.argv, sys.stdout, sys.stderr = before
    text = said.buffer.getvalue().decode("utf-8", "replace")
    if code:
        raise Problem(f"mpremote {words[0]} failed: {why or text.strip()}")
    return text
