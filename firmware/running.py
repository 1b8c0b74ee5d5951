"""Board + node -> run. What is on this board, `secnode describe` wrote into stamp.py beside this file."""

import asyncio
import gc
import sys

import stamp

import board
import machine
import repl
from micropython import const
from secnode import log, pace
from secnode.errors import SECoPError
from settings import Settings
from transport.access import NONE, READ, Access

_CLIENTS = const(3)
_WORDS = const(60)  # characters of what ended the node
_MOST = const(8)  # the network of a board knows hardly more connections; each place takes memory

_dog = None


async def _feed():
    # what hangs for so long that this does not run any more, ends by a reset
    global _dog
    _dog = machine.WDT(timeout=board.WATCHDOG)
    while True:
        _dog.feed()
        await pace.sleep_ms(board.WATCHDOG // 4)


def _clients(settings):
    """How many clients are served at a time over TCP."""
    clients = settings.get("node", "clients", _CLIENTS)
    if type(clients) is int and 1 <= clients <= _MOST:
        return clients
    log.error("", "node: clients has to be a whole number from 1 to %d in settings.json: %d is taken", _MOST, _CLIENTS)
    return _CLIENTS


def _switch_on(node, settings):
    """The connections to networks that this board has: wired, and Wi-Fi where settings.json has a network."""
    links = []
    if _of_board("ETHERNET"):
        try:
            from net.ethernet import Ethernet

            links.append(Ethernet(settings, node.equipment_id, board.ethernet()))
        except (OSError, ValueError) as e:
            log.error("", "Ethernet: it can't be switched on: %s", e)
    if _of_board("WIFI") and settings.text("wifi", "ssid", "", 1, 32):
        try:
            from net.wifi import Wifi

            links.append(Wifi(settings, node.equipment_id))
        except (OSError, ValueError) as e:
            log.error("", "Wi-Fi: the radio can't be switched on: %s", e)
    return links


def _ways_in(node, settings, links):
    """What board.py names: the TCP server or None, and (line, session) of each serial line. Loads what is needed alone."""
    rights = Access(settings, tuple([module.name for module in node.modules]), _of_board("WEB") or READ)
    server = None
    lines = []
    if _of_board("TCP_PORT") and (links or not _of_board("WIFI") and not _of_board("ETHERNET")):
        from transport import tcp

        server = tcp.Server(node, _of_board("CLIENTS") or _clients(settings), rights, (settings, links, board.TCP_HOST))
    options = _of_board("UART")
    if options is not None:
        from transport.uart import Uart

        rate = settings.get("uart", "baudrate")
        try:
            lines.append(Uart(machine.UART, **dict(options, baudrate=rate) if rate else options))
        except ValueError as e:
            log.error("", "uart: %s in settings.json", e)
            lines.append(Uart(machine.UART, **options))
    options = _of_board("CONSOLE")
    if options is not None:
        from transport.console import Console

        lines.append(Console(**options))
    found = []
    for line in lines:
        right = rights.right(line.way)
        if right == NONE:
            log.info("", "settings.json lets nobody in by the %s", line.way)
            continue
        session = node.add_serial_session()
        if right == READ:
            session.readonly = "settings.json lets the %s read, not write" % line.way
        found.append((line, session))
    return server, found


def _of_board(name):
    return getattr(board, name, None)


async def _serve(node, settings, server, lines, links):
    # what no task caught goes where the rest goes, not between the messages on a console
    asyncio.get_event_loop().set_exception_handler(lambda loop, context: log.traceback("", context.get("exception")))
    if board.WATCHDOG:
        asyncio.create_task(_feed())
    await node.start()
    asyncio.create_task(settings.run())
    for line, session in lines:
        log.info("", "%s serves SECoP on its %s", node.equipment_id, line.name)
        asyncio.create_task(line.serve(session))
    if server:
        await _listen(node, server, links)
    while True:
        await asyncio.sleep(1000)


async def _listen(node, server, links):
    """Serve SECoP over TCP, and be found."""
    from transport import discovery

    listening = await server.listen(board.TCP_HOST, board.TCP_PORT)
    log.info("", "%s serves SECoP on %s port %d", node.equipment_id, board.TCP_HOST, board.TCP_PORT)
    announce = int  # does nothing
    try:
        found = discovery.Discovery(board.TCP_PORT, **(_of_board("DISCOVERY") or {}))
        asyncio.create_task(found.run())
        announce = found.announce
    except OSError as e:
        log.info("", "it can't be discovered: %s", e)
    if links:
        from drivers.rtc import set_clock
        from net import ntp

        for link in links:
            asyncio.create_task(link.run(server, announce))
        asyncio.create_task(ntp.run(links, set_clock))
    else:
        announce()
    await server.accept(listening)


def run():
    """Run the node until Ctrl-C, and again where nobody takes the console then. Gives the exit code."""
    said = None
    if _of_board("CONSOLE") is not None:
        from transport.console import keep_quiet

        said = keep_quiet()
    if repl.maintenance(_of_board("MAINTENANCE") or repl.FLAG):
        seconds = _of_board("MAINTENANCE_S") or repl.MAINTENANCE_S
        if repl.is_taken(seconds, "Maintenance: no node, no heater, no watchdog."):
            return 0
    try:
        code = _run()
    finally:
        if said:
            said.pour(sys.stdout.buffer)
    seconds = getattr(board, "OFFER_S", repl.OFFER_S)
    if code is None and seconds:
        text = "The node has ended, its outputs are low."
        if board.WATCHDOG:
            text += " The watchdog resets the board %d s after you took the console." % (board.WATCHDOG // 1000)
        if not repl.is_taken(seconds, text, _dog and _dog.feed):
            machine.reset()
    return code or 0


def _run():
    """Run the node; whatever ends it, the outputs are low afterwards. Gives the exit code, None after Ctrl-C."""
    node = settings = None
    ended = None  # by what else than on purpose
    try:
        try:
            settings = Settings(getattr(board, "SETTINGS", "settings.json"))
            node = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)
            node.store = settings
            import cause

            node.started, node.lost_power = cause.why()
            del cause, sys.modules["cause"]  # it has said all it will ever say
            if settings.get("node", "ended") is not None:
                node.started += ", after it ended by " + settings.text("node", "ended", "something", 1, 4 * _WORDS)
                node.lost_power = False
                settings.set("node", "ended", None)
            links = _switch_on(node, settings)  # takes its time: before anything can heat
            node.open(stamp.FINGERPRINT)
            server, lines = _ways_in(node, settings, links)
            if lines:
                settings.lines = node
            log.info("", "started by %s", node.started)
            if _of_board("DISCARDED"):
                log.error("", _of_board("DISCARDED"))  # by boot.py
            # collect early and often rather than late: the heap stays in one piece
            gc.collect()
            gc.threshold(gc.mem_free() // 4)
            asyncio.run(_serve(node, settings, server, lines, links))
        except KeyboardInterrupt:
            return None
        except (SECoPError, OSError) as e:
            ended = str(e)[:_WORDS]
            log.error("", str(e))
            return 2
        except Exception as e:
            ended = type(e).__name__
            raise
        finally:
            _end(node, settings, ended)
    except KeyboardInterrupt:  # another one: between that one and a `try`, or two of them
        _end(node, settings, ended)


def _end(node, settings, ended):
    """Outputs low, then settings saved. Another Ctrl-C meanwhile, and it begins anew: what was cut can be cut again."""
    left = True
    while left:
        try:
            try:
                if node:
                    node.off()
            finally:
                board.off()
            for name in ("drivers.deadman", "drivers.relay_heater"):
                if name in sys.modules:
                    sys.modules[name].end()
            if settings:
                settings.set("node", "ended", ended)
                settings.save_now()
            left = False
        except KeyboardInterrupt:
            pass
