"""The contract between a way in and a session: what every stream of secnode.session can do."""


class Stream:
    """The connection to one client, or a serial line. Only bytes: it knows nothing of SECoP.

    Each method may raise OSError: the client is gone, and the session ends. What is plain returns at once; `take` and `put` are
    called for every request and answer, and allocate nothing but a slice of `view`. A method that every way in has of its own
    stands here as words: as code it would take 24 bytes of a board's memory and never run.

    take(buf, view, pos)    read what is there into buf[pos:], of which `view` is a memoryview. Gives the number of bytes, None
                            where nothing has come, 0 at the end of the connection
    put(buf, n)             write what can be written at once of the first `n` bytes of `buf`; gives their number, 0 where there
                            is no room
    async readinto(buf)     wait until bytes come, and read them into `buf`; may allocate what asyncio needs. Gives their
                            number, None where it was nothing after all, 0 at the end of the connection
    write(buf)              have `drain` write all of `buf`, whose bytes stay as they are until it has
    async drain()           wait until all is written, however long it takes: the session gives up who takes nothing

    A serial line has these, too (see line.py):

    share                   the bytes of updates that may wait for it at once
    readable()              whether something has come that was not taken yet
    busy()                  the ms until it has sent all that was written, 0 where it has

    Where each message is a frame of its own (see websocket.py), in place of a line:

    head(buf, pos, n)       put the header of a frame of `n` bytes into buf[pos:]; gives its length
    frame(line)             the frame, as bytes, of a line with its end
    """

    framed = 0  # by how many bytes a frame may be longer than its line
    at_once = True  # False where take and put can do nothing, and are not called: a session waits, then

    def close(self):
        """End the connection. Of a serial line, nothing: there is none."""

    async def wait_closed(self):
        """Wait until it has ended, and what belonged to it is free."""
