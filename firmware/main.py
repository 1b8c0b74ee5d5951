"""Board + node -> run. What is on this board, `secnode describe` wrote into stamp.py beside this file."""

import asyncio
import gc

import stamp

import board
from secnode import log
from secnode.errors import SECoPError
from settings import Settings
from transport import tcp


async def _serve(node, settings):
    await node.start()
    asyncio.create_task(settings.run())
    server = await tcp.Server(node).listen(board.TCP_HOST, board.TCP_PORT)
    log.info("", "%s serves SECoP on %s port %d", node.equipment_id, board.TCP_HOST, board.TCP_PORT)
    await server.wait_closed()  # never, but for an error


def run():
    """Run the node until Ctrl-C; whatever ends it, the outputs are low afterwards. Gives the exit code."""
    node = settings = None
    try:
        settings = Settings(getattr(board, "SETTINGS", "settings.json"))
        node = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)
        node.store = settings
        node.open(stamp.FINGERPRINT, board.CLIENTS)
        # collect early and often rather than late: the heap stays in one piece
        gc.collect()
        gc.threshold(gc.mem_free() // 4 + gc.mem_alloc())
        asyncio.run(_serve(node, settings))
    except KeyboardInterrupt:
        return 0
    except (SECoPError, OSError) as e:
        log.error("", str(e))
        return 2
    finally:
        try:
            if node:
                node.off()
        finally:
            board.off()  # also when a second Ctrl-C came
        if settings:
            settings.save_now()


if __name__ == "__main__":
    run()
