"""SECoP over TCP."""

import asyncio

from micropython import const
from secnode.errors import Impossible

_BACKLOG = const(3)
_MOST = const(4)
_PATIENCE = const(100)  # ms to wait for a place that is just being left
_LINGER = const(300)  # ms for a refused client to read why


class Server:
    """Hands each connection to a free session of the node; tells one too many why, and closes it."""

    def __init__(self, node):
        self._node = node
        self._waiting = 0  # connections that have no place

    async def listen(self, host, port):
        """Listen on an address. Raises OSError where it can't be had."""
        return await asyncio.start_server(self._client, host, port, _BACKLOG)

    async def _client(self, stream, _):
        session = self._node.free_session()
        # a few at a time: a flood of connections must not become a flood of tasks
        patient = session is None and self._waiting < _MOST
        self._waiting += patient
        if patient:
            await asyncio.sleep_ms(_PATIENCE)
            session = self._node.free_session()
        try:
            if session:
                self._waiting -= patient
                patient = False
                await session.serve(stream)
            else:
                await self._refuse(stream, patient)
        finally:
            self._waiting -= patient

    async def _refuse(self, stream, patient):
        try:
            encoder = self._node.encoder
            encoder.begin(b"error_*IDN?", b"")
            encoder.error(Impossible("this node serves %d clients at a time" % len(self._node.sessions)))
            stream.write(encoder.line())
            if patient:
                await stream.drain()
                await asyncio.sleep_ms(_LINGER)
        except OSError:
            return  # it did not wait for the reason
        finally:
            stream.close()
            await stream.wait_closed()
