"""The modules of a node: its identity, the table of its accessibles, its sessions, polling; from start to end."""

import asyncio

from micropython import const
from secnode import calls, clock, describing, errors, garbage, limits, log, message, pace, updates
from secnode.module import ERROR, Command
from secnode.session import Session

_DESCRIPTION = const("description.json")
_LATELY = const(8)  # accessibles that are found quickly, a power of 2
_LONGEST = const(100000)  # s between two polls; the tick counter wraps
_FIRST_VALUES = const(1000)  # ms that clients wait at start for what is slow to read


class Node:
    """A SEC node (specification: descriptive.rst): its identity, its description and its modules.

    `modules` is a tuple of Module instances. `secop` is the version of SECoP that clients see, "1.0" or "2.0". Further
    properties (firmware, implementor, timeout, `_custom` ones; with 2.0 systems and schemata) go into the description.
    """

    identification = b"ISSE,SECoP,V2019-09-16,v1.0"  # the answer to *IDN? (identification.rst)
    started = ""  # why the board did, as words
    lost_power = False  # whether that was because power had been lost
    heard = 0  # ticks_ms of the last request
    web = None  # who may take over a connection of a browser, see transport.tcp
    store = None  # where values are kept over a restart: an object with get(section, name) and set(section, name, value)

    def __init__(self, equipment_id, description, modules, **properties):
        properties["equipment_id"] = equipment_id
        properties["description"] = description
        describing.note(self, properties)
        if properties.get("secop", "1.0") != "1.0":
            self.identification = ("ISSE,SECoP,,v%s" % properties["secop"]).encode()
        self.equipment_id = equipment_id
        self.modules = modules
        self.parameters = []
        self.checks = False  # whether anything is checkable
        self.sessions = []
        self.clock = clock.Clock()
        self.encoder = message.Encoder()
        self.by_name = {}
        self.accessibles = {}
        self.asked_lately = [None] * _LATELY  # see requests.py
        for i, module in enumerate(modules):
            module.node = self
            module.index = i
            self.by_name[module.name.encode()] = module
            # asked for by getattr, names of methods that are not there would stay in memory: some 25 bytes each
            methods = dir(module)
            for a in sorted(module.accessibles.values(), key=lambda a: a.definition.order):
                self._add(module, a, methods)
        self.none_owed = bytes((len(self.parameters) + 7) // 8)  # for sessions: a bit each

    def _add(self, module, a, methods):
        self.accessibles[a.specifier] = a
        name = "check_" + a.name
        if name in methods:
            a.check = getattr(module, name)
        command = isinstance(a.definition, Command)
        name = ("do_" if command else "write_") + a.name
        if name in methods:
            a.act = getattr(module, name)
        if not command:
            name = "read_" + a.name
            if name in methods:
                a.read = getattr(module, name)
            found = None if limits.is_limit(a) else limits.find(module.accessibles, a.name)
            if found:
                a.limits = found
            if a.definition.constant is None:
                a.index = len(self.parameters)
                self.parameters.append(a)
        if a.definition.checkable:
            self.checks = True

    # ---- from start to end

    def open(self, fingerprint):
        """Look whether the description is this node's own.

        Raises InternalError where it is not: another node's, an older one, or one that was cut off while copied.
        """
        try:
            f = open(_DESCRIPTION, "rb")
        except OSError:
            raise errors.InternalError("%s is missing: describe and copy it again" % _DESCRIPTION)
        size = f.seek(0, 2)
        # the last line is the fingerprint
        begin = size - len(fingerprint) - 2
        f.seek(max(begin, 0))
        if f.read() != b"\n" + fingerprint.encode() + b"\n":
            f.close()
            raise errors.InternalError("description.json belongs to another node or version: describe and copy both again")
        self.description = f  # open for good: to open it takes memory each time
        self.description_length = begin
        log.sinks.append(self._tell)

    def add_session(self):
        """Make a place for a client that connects, with all that it needs: at start, for a way in."""
        self.sessions.append(Session(self))
        return self.sessions[-1]

    def add_serial_session(self):
        """Make the place for the client at the other end of a serial line."""
        from secnode.serial import SerialSession

        self.sessions.append(SerialSession(self))
        return self.sessions[-1]

    def is_quiet(self):
        """Whether nothing comes in by a serial line just now."""
        return all([session.is_quiet() for session in self.sessions if session.is_serial])

    def cut(self):
        """The board has stopped for a moment: what came by serial lines meanwhile lacks bytes."""
        for session in self.sessions:
            if session.is_serial:
                session.cut()

    async def start(self):
        """Begin to poll, and to run what modules run by themselves; wait a little for the first values."""
        self.clock.sync()
        unread = errors.ReadFailed(calls.UNREAD)
        for a in self.parameters:
            self.clock.stamp(a)
            definition = a.definition
            if a.read:
                a.error = unread
            elif a.error is False and definition.default is None and (definition.readonly or a.name == "value"):
                if a.name != "status":
                    a.error = errors.ReadFailed("never set")
        kept = self.store and any([a.definition.keep for a in self.parameters])
        if kept:
            from secnode import keeping

            kept = keeping.recall(self, self.store)
        asyncio.create_task(self._look_after())
        asyncio.create_task(garbage.run(self))
        for module in self.modules:
            if hasattr(module, "run"):
                asyncio.create_task(self._run(module))
        if kept:
            from secnode import keeping

            await keeping.restore(self, kept)
        for module in self.modules:
            polled = [a for a in self.parameters if a.module is module and a.read and a.definition.poll]
            if polled:
                asyncio.create_task(self._poll(module, polled))
        for i in range(_FIRST_VALUES // 10):
            if not any([a.error is unread and a.definition.poll for a in self.parameters]):
                break
            await asyncio.sleep_ms(1 if i < 10 else 10)  # most are quick

    def off(self):
        """Put all outputs into the safe state, first what needs no time for it. One that fails does not stop the others."""
        for module in self.modules:
            try:
                module.cut()
            except Exception as e:
                log.traceback(module.name, e)
        for module in self.modules:
            self._off(module)

    def _off(self, module):
        try:
            module.off()
        except Exception as e:
            log.traceback(module.name, e)

    async def _look_after(self):
        while True:
            await asyncio.sleep_ms(1000)
            try:
                for module in self.modules:
                    if module.at_work:
                        calls.count_down(module)
                self.clock.sync()
                for session in self.sessions:
                    session.end_if_lost()
                updates.set_log_threshold(self)
            except Exception as e:
                log.traceback("", e)  # e.g. no memory: the next second may be better

    async def _run(self, module):
        try:
            await module.run()
        except (Exception, asyncio.CancelledError) as e:
            if calls.node_ends(asyncio.current_task()):
                raise
            self._off(module)
            log.traceback(module.name, e)
            while not module.ended:
                try:
                    ended = errors.InternalError("stopped by an error in the firmware: %s" % type(e).__name__)
                    module.status = ERROR, ended.text
                    module.ended = ended
                except MemoryError:
                    await asyncio.sleep_ms(1000)  # not even for that; it is said as soon as there is some

    async def _poll(self, module, polled):
        last = pace.ticks_ms()
        while True:
            for a in polled:
                try:
                    reading = calls.refresh(a)
                    if reading is not None:
                        await reading
                    updates.announce(self, a)
                except Exception as e:
                    log.traceback(module.name, e)  # polling goes on whatever happens
            left = 501
            while left > 500:
                try:
                    now = pace.ticks_ms()
                    left = int(min(module.pollinterval, _LONGEST) * 1000) - pace.ticks_diff(now, pace.recent(last, now))
                except MemoryError:
                    left = 500
                # in steps: a shorter pollinterval takes effect soon; and always a moment for the others
                await pace.sleep_ms(min(max(left, 1), 500))
            last = pace.ticks_ms()

    # ---- what modules and drivers tell

    def remember(self, a):
        """Hand the present value of a parameter to the store: of one that is kept."""
        if self.store:
            self.store.set(a.module.name, a.name, a.definition.datainfo.export(getattr(a.module, a.name)))

    def announce(self, a):
        """Send the present value (or error) of a parameter to the clients that activated its module."""
        updates.announce(self, a)

    def _tell(self, level, module, text):
        """A sink of log.py: what is logged goes to the clients that asked for it."""
        for session in self.sessions:
            if session.stream is not None:
                session.push_log(level, self.by_name.get(module.encode()), text)
