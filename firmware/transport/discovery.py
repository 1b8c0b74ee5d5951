"""UDP discovery (specification: discovery.rst): tells who asks where this node is, and everybody when it came up."""

import asyncio
import select
import socket

from micropython import const
from secnode import errors, log
from secnode.jsonvalue import parse

ANSWER = "discovery.json"  # all of it but its port and its end, so that the board need not know what to cut
_PORT = const(10767)
_LOOK = const(100)  # ms
_ANSWERS = const(2)  # at most in a look: so a flood gets 10 kB/s, whatever it sends
_MOST = const(16)  # read at most in a look
_SIZE = const(256)  # of a question


class Discovery:
    """Answers for the SECoP server at TCP port `port`.

    The HOST shares a PC with other nodes: `host` is where it listens, `everybody` where it announces itself, `options` are
    further ones of its socket. Raises OSError where the port can't be had, or where ANSWER is missing.
    """

    def __init__(self, port, host="0.0.0.0", everybody="255.255.255.255", options=()):
        with open(ANSWER, "rb") as f:
            self._answer = f.read() + b"%d}" % port
        self._everybody = socket.getaddrinfo(everybody, _PORT)[0][-1]
        self._socket = s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setblocking(False)
        for option in (socket.SO_REUSEADDR, socket.SO_BROADCAST) + options:
            s.setsockopt(socket.SOL_SOCKET, option, 1)
        s.bind(socket.getaddrinfo(host, _PORT)[0][-1])

    def announce(self):
        """Tell everybody that the node is there."""
        self._send(self._everybody)

    def _send(self, to):
        try:
            self._socket.sendto(self._answer, to)
        except OSError as e:
            log.debug("", "discovery: can't be sent: %s", e)

    async def run(self):
        """A task that answers, each datagram at most once and none that is no question."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while True:
            await asyncio.sleep_ms(_LOOK)
            try:
                left = _ANSWERS
                for _ in range(_MOST):
                    if not any(poll.ipoll(0)):  # poll() would make a list each time
                        break
                    data, asker = self._socket.recvfrom(_SIZE)
                    if left and _is_question(data):
                        left -= 1
                        self._send(asker)
            except Exception as e:
                log.debug("", "discovery: %s", e)  # e.g. no memory: the next one may be better


def _is_question(data):
    try:
        asked = parse(memoryview(data), 0, len(data))
    except (errors.BadJSON, ValueError):  # no JSON, or no UTF-8
        return False
    return isinstance(asked, dict) and asked.get("SECoP") == "discover"
