"""Looks for the address of a name without stopping anything, as `getaddrinfo` would on a board for up to some 10 s."""

import os

from micropython import const
from net import udp

_PORT = const(53)
_TIMEOUT = const(3000)  # ms
_SIZE = const(512)
_A = const(1)


async def lookup(server, name):
    """The IPv4 address of `name` by the DNS server at `server` (numeric).

    "" where the server answers, yet not with an address; None where it does not answer.
    """
    query = bytearray(12)
    query[:2] = os.urandom(2)
    query[2] = 1  # it may ask others
    query[5] = 1  # question
    for label in name.encode().split(b"."):
        if label:
            query.append(len(label))
            query.extend(label)
    query.extend(b"\0\0\1\0\1")
    answer = bytearray(_SIZE)
    n = await udp.ask(server, _PORT, query, answer, _TIMEOUT)
    if n < 12 or answer[:2] != query[:2] or not answer[2] & 0x80:
        return None
    try:
        return _address(memoryview(answer)[:n])
    except IndexError:
        return ""


def _address(answer):
    pos = 12
    for _ in range(answer[4] << 8 | answer[5]):
        pos = _behind_name(answer, pos) + 4
    for _ in range(answer[6] << 8 | answer[7]):
        pos = _behind_name(answer, pos)
        size = answer[pos + 8] << 8 | answer[pos + 9]
        if answer[pos + 1] == _A and answer[pos] == 0 and size == 4:
            return ".".join([str(answer[pos + i]) for i in range(10, 14)])
        pos += 10 + size
    return ""


def _behind_name(answer, pos):
    while True:
        size = answer[pos]
        if size >= 0xC0:
            return pos + 2
        pos += size + 1
        if not size:
            return pos
