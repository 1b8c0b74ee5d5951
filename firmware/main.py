"""Board + node -> run. What is on this board, `secnode describe` wrote into stamp.py beside this file."""

import asyncio
import gc

import stamp

import board
import machine
from secnode import log, pace
from secnode.errors import SECoPError
from settings import Settings
from transport import tcp
from transport.access import Access

_CLIENTS = 3
_MOST = 8  # the network of a board knows hardly more connections; each place takes memory

# by their names in `machine`; ports have some of them
_CAUSES = {
    "PWRON_RESET": "power on",
    "HARD_RESET": "reset",
    "WDT_RESET": "watchdog or reset",
    "SOFT_RESET": "soft reset",
}


def _why():
    """Why the board started: words, and whether it was for power alone."""
    cause = machine.reset_cause()
    for name, words in _CAUSES.items():
        if cause == getattr(machine, name, None):
            return words, name == "PWRON_RESET"
    return "reset cause %s" % cause, False


async def _feed(dog):
    # what hangs for so long that this does not run any more, ends by a reset
    while True:
        dog.feed()
        await pace.sleep_ms(board.WATCHDOG // 4)


def _clients(settings):
    """How many clients are served at a time over TCP."""
    clients = settings.get("node", "clients", _CLIENTS)
    if type(clients) is int and 1 <= clients <= _MOST:
        return clients
    log.error("", "node: clients has to be a whole number from 1 to %d in settings.json: %d is taken", _MOST, _CLIENTS)
    return _CLIENTS


async def _serve(node, server, settings):
    if board.WATCHDOG:
        asyncio.create_task(_feed(machine.WDT(timeout=board.WATCHDOG)))
    await node.start()
    asyncio.create_task(settings.run())
    listening = await server.listen(board.TCP_HOST, board.TCP_PORT)
    log.info("", "%s serves SECoP on %s port %d", node.equipment_id, board.TCP_HOST, board.TCP_PORT)
    await listening.wait_closed()  # never, but for an error


def run():
    """Run the node until Ctrl-C; whatever ends it, the outputs are low afterwards. Gives the exit code."""
    node = settings = None
    ended = None  # by what else than on purpose
    try:
        settings = Settings(getattr(board, "SETTINGS", "settings.json"))
        node = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)
        node.store = settings
        node.started, node.lost_power = _why()
        before = settings.get("node", "ended")
        if before:
            node.started += ", after it ended by " + before
            node.lost_power = False
            settings.set("node", "ended", None)
        node.open(stamp.FINGERPRINT)
        server = tcp.Server(node, getattr(board, "CLIENTS", 0) or _clients(settings), Access(settings))
        log.info("", "started by %s", node.started)
        # collect early and often rather than late: the heap stays in one piece
        gc.collect()
        gc.threshold(gc.mem_free() // 4 + gc.mem_alloc())
        asyncio.run(_serve(node, server, settings))
    except KeyboardInterrupt:
        return 0
    except (SECoPError, OSError) as e:
        ended = str(e)
        log.error("", ended)
        return 2
    except Exception as e:
        ended = type(e).__name__
        raise
    finally:
        try:
            if node:
                node.off()
        finally:
            board.off()  # also when a second Ctrl-C came
        if settings:
            settings.set("node", "ended", ended and ended[:60])
            settings.save_now()


if __name__ == "__main__":
    run()
