"""A client over WebSocket that shows exactly what is on the wire, frame for frame."""

import os
import socket
import time

from host_tests import harness

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 has both
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def request(port, path="/", host=None, origin=None, more=(), **changed):
    """The bytes of a handshake; `changed` headers by name with _ for -, None leaves one out."""
    headers = {
        "Host": host or f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13", "Origin": origin,
    }  # fmt: skip
    headers.update({name.replace("_", "-"): value for name, value in changed.items()})
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value is not None), *more]
    return "".join(line + "\r\n" for line in [*lines, ""]).encode()


def answered(port, data, timeout=10, source="127.0.0.1"):
    """All that comes for some bytes, until the node closes: (status, headers, body); status None where it is no HTTP."""
    with socket.create_connection(("127.0.0.1", port), timeout, (source, 0)) as s:
        s.sendall(data)
        came = b""
        while piece := received(s):
            came += piece
    if not came.startswith(b"HTTP/1.1 "):
        return None, {}, came
    head, _, body = came.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def received(s):
    try:
        return s.recv(65536)
    except ConnectionError:
        return b""


class Client(harness.Wire):
    """As harness.Wire, over WebSocket: a line is a text frame."""

    def __init__(self, port, timeout=10, source="127.0.0.1", **headers):
        super().__init__(("127.0.0.1", port), timeout, source)
        self.socket.sendall(request(port, **headers))
        self.came = b""
        self._until(b"\r\n\r\n")
        head, _, self.came = self.came.partition(b"\r\n\r\n")
        self.answer = head.decode()
        if " 101 " not in self.answer.split("\r\n")[0]:
            raise ConnectionRefusedError(self.answer)
        assert f"Sec-WebSocket-Accept: {ACCEPT}" in self.answer.split("\r\n")

    def _until(self, mark):
        while mark not in self.came:
            self._more()

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(self.came)
        self.came += data

    def send(self, line, **how):
        self.socket.sendall(frame(line.encode() if isinstance(line, str) else line, **how))

    def frame(self, timeout=10):
        """The next frame, (first byte, payload): none is masked."""
        self.socket.settimeout(timeout)
        while True:
            if len(self.came) >= 2:
                assert not self.came[1] & 0x80
                size, at = self.came[1], 2
                if size > 125:
                    at += 2 if size == 126 else 8
                    size = int.from_bytes(self.came[2:at]) if len(self.came) >= at else 1 << 60
                if len(self.came) >= at + size:
                    found = self.came[0], self.came[at : at + size]
                    self.came = self.came[at + size :]
                    return found
            self._more()

    def line(self, timeout=10):
        """The next message, which has to be one whole line of text."""
        deadline = time.monotonic() + timeout
        first, payload = self.frame(max(deadline - time.monotonic(), 0.001))
        if first == 0x80 | CLOSE:
            raise EOFError(payload)
        assert first == 0x80 | TEXT, hex(first)
        assert b"\n" not in payload
        return payload.decode()


def frame(payload, kind=TEXT, last=True, masked=True, size=None, reserved=0):
    """A client's frame. `size` is what its header says, where that is not the truth."""
    size = len(payload) if size is None else size
    head = bytes([kind | (0x80 if last else 0) | reserved << 4])
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2)
    else:
        head += bytes([bit | 127]) + size.to_bytes(8)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(c ^ mask[i & 3] for i, c in enumerate(payload))
