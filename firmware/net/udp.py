"""A question and its answer over UDP, while everything else goes on."""

import asyncio
import socket


def is_address(text):
    """Whether a text is a numeric IPv4 address."""
    parts = text.split(".")
    return len(parts) == 4 and all([part.isdigit() and len(part) < 4 and int(part) < 256 for part in parts])


async def ask(host, port, question, answer, timeout):
    """Send `question` and wait at most `timeout` ms. Gives how many bytes came into `answer`; 0: nothing, for whatever reason.

    `host` has to be a numeric address: looking for a name would stop everything on the board (dns.py does not).
    Received is only what comes from there.
    """
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.setblocking(False)
        s.connect(socket.getaddrinfo(host, port)[0][-1])
        s.send(question)
        return await asyncio.wait_for_ms(asyncio.StreamReader(s).readinto(answer), timeout) or 0
    except (OSError, asyncio.TimeoutError):
        return 0
    finally:
        s.close()
