"""The modules of a node: requests in, updates out, polling."""

import asyncio

from micropython import const
from secnode import clock, describing, limits, log, message, pace
from secnode.datainfo import Struct, Tuple
from secnode.errors import (
    CommunicationFailed,
    HardwareError,
    Impossible,
    InternalError,
    NoSuchCommand,
    NoSuchModule,
    NoSuchParameter,
    NotCheckable,
    ProtocolError,
    ReadFailed,
    ReadOnly,
    SECoPError,
    TimeoutError,
    WrongType,
)
from secnode.jsonvalue import parse
from secnode.module import ERROR, Command
from secnode.session import IDLE, Session

IDENTIFICATION = b"ISSE,SECoP,V2019-09-16,v1.0"
DESCRIPTION = "description.json"
_LONGEST = const(100000)  # s between two polls; the tick counter wraps
_FIRST_VALUES = const(1000)  # ms that clients wait at start for what is slow to read
_FOUND = const(8)  # a power of 2
_STUCK = const(-2)  # s left to a driver's method that did not end when it was cancelled
_UNREAD = "not read yet"


class Node:
    """A SEC node (specification: descriptive.rst): its identity, its description and its modules.

    `modules` is a tuple of Module instances. Further properties (firmware, implementor, timeout, `_custom` ones) go into
    the description.
    """

    started = ""  # why the board did, as words
    lost_power = False  # whether that was because power had been lost
    heard = 0  # ticks_ms of the last request
    store = None  # where values are kept over a restart: an object with get(section, name) and set(section, name, value)

    def __init__(self, equipment_id, description, modules, **properties):
        properties["equipment_id"] = equipment_id
        properties["description"] = description
        describing.note(self, properties)
        self.equipment_id = equipment_id
        self.modules = modules
        self.parameters = []
        self.checks = False  # whether anything is checkable
        self.sessions = []
        self.clock = clock.Clock()
        self.encoder = message.Encoder()
        self._by_name = {}
        self._accessibles = {}
        self._found = [None] * _FOUND  # accessibles that clients asked for lately
        for i, module in enumerate(modules):
            module.node = self
            module.index = i
            self._by_name[module.name.encode()] = module
            # asked for by getattr, names of methods that are not there would stay in memory: some 25 bytes each
            methods = dir(module)
            for a in sorted(module.accessibles.values(), key=lambda a: a.definition.order):
                self._add(module, a, methods)
        self.none_owed = bytes((len(self.parameters) + 7) // 8)  # for sessions: a bit each
        self._about = {b"read": self._read, b"change": self._change, b"do": self._do, b"check": self._check}
        self._actions = {
            b"*IDN?": self._identify,
            b"describe": self._describe,
            b"activate": self._activate,
            b"deactivate": self._deactivate,
            b"ping": self._ping,
            b"logging": self._logging,
            b"help": self._help,
        }

    def _add(self, module, a, methods):
        self._accessibles[a.specifier] = a
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
            found = () if limits.is_limit(a) else limits.find(module.accessibles, a.name)
            if found is not None:
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
            f = open(DESCRIPTION, "rb")
        except OSError:
            raise InternalError("%s is missing: describe and copy it again" % DESCRIPTION)
        size = f.seek(0, 2)
        # the last line is the fingerprint
        begin = size - len(fingerprint) - 2
        f.seek(max(begin, 0))
        if f.read() != b"\n" + fingerprint.encode() + b"\n":
            f.close()
            raise InternalError("description.json belongs to another node or version: describe and copy both again")
        self._description = f  # open for good: to open it takes memory each time
        self._description_length = begin
        log.sinks.append(self._tell)

    def add_session(self, idle=IDLE):
        """Make a place for a client, with all that it needs: at start, for a way in. `idle` as for Session."""
        session = Session(self, idle)
        self.sessions.append(session)
        return session

    def is_quiet(self):
        """Whether nothing comes in by a serial line just now."""
        return all([session.is_quiet() for session in self.sessions if session.line])

    def cut(self):
        """The board has stopped for a moment: what came by serial lines meanwhile lacks bytes."""
        for session in self.sessions:
            if session.line:
                session.cut()

    async def start(self):
        """Begin to poll, and to run what modules run by themselves; wait a little for the first values."""
        self.clock.sync()
        unread = ReadFailed(_UNREAD)
        for a in self.parameters:
            self.stamp(a)
            definition = a.definition
            if a.read:
                a.error = unread
            elif a.error is False and definition.default is None and (definition.readonly or a.name == "value"):
                if a.name != "status":
                    a.error = ReadFailed("never set")
        kept = self.store and any([a.definition.keep for a in self.parameters])
        if kept:
            from secnode import keeping

            kept = keeping.recall(self, self.store)
        asyncio.create_task(self._look_after())
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
                        self._watch(module)
                self.clock.sync()
                for session in self.sessions:
                    session.end_if_lost()
                self._listen_to_log()
            except Exception as e:
                log.traceback("", e)  # e.g. no memory: the next second may be better

    async def _run(self, module):
        try:
            await module.run()
        except (Exception, asyncio.CancelledError) as e:
            if getattr(asyncio.current_task(), "cancelling", int)():
                raise  # the node ends: a PC's Python cancels all tasks then, a board's none
            self._off(module)
            log.traceback(module.name, e)
            while not module.ended:
                try:
                    ended = InternalError("stopped by an error in the firmware: %s" % type(e).__name__)
                    module.status = ERROR, ended.text
                    module.ended = ended
                except MemoryError:
                    await asyncio.sleep_ms(1000)  # not even for that; it is said as soon as there is some

    async def _poll(self, module, polled):
        last = pace.ticks_ms()
        while True:
            for a in polled:
                try:
                    reading = self.refresh(a)
                    if reading is not None:
                        await reading
                    self.announce(a)
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

    # ---- values that are kept over a restart

    def remember(self, a):
        """Hand the present value of a parameter to the store, if it is one that is kept."""
        if a.definition.keep and self.store:
            self.store.set(a.module.name, a.name, a.definition.datainfo.export(getattr(a.module, a.name)))

    # ---- values

    def stamp(self, a):
        """Note that a value was obtained now."""
        self.clock.read()
        a.t_hi = self.clock.hi
        a.t_lo = self.clock.lo

    def announce(self, a):
        """Send the present value (or error) of a parameter to whoever activated its module."""
        if a.module.acting is a:
            a.module.acting = None
        encoded = False
        for session in self.sessions:
            if session.stream is not None and session.active[a.module.index]:
                if not encoded:
                    self.encode_update(a)
                    encoded = True
                session.push(a)
        # sent when all have it: who sends may fail, log, and give up a client
        if encoded:
            self.encoder.length = 0
            for session in self.sessions:
                if session.stream is not None and session.active[a.module.index]:
                    session.pushed()

    def encode_update(self, a):
        """Put the update (or error_update) line of a parameter into the encoder."""
        self._encode(b"update ", b"error_update ", a, a.specifier)

    def _encode(self, action, error_action, a, specifier):
        if not a.error:
            try:
                value = getattr(a.module, a.name)
                datainfo = a.definition.datainfo
                if not datainfo.plain:
                    value = datainfo.export(value)
                self.encoder.begin(action, specifier)
                self.encoder.value(value, a.t_hi, a.t_lo)
                return
            except Exception as e:
                a.error = self._secop(e, a.module)  # a value that its own data type can't send: never silence
        self.encoder.begin(error_action, specifier)
        self.encoder.error(a.error, a.t_hi, a.t_lo)

    def refresh(self, a):
        """Read a parameter from the hardware; what goes wrong becomes its error. Tells nobody of the value.

        Gives None, or what has to be awaited where the driver's method is `async`. While another method of the module is at
        work the last value stays, with its own timestamp; where that one does not end it is an error (see _watch).
        """
        module = a.module
        if not a.read or module.in_use or module.wanted:
            return None
        try:
            if module.ended:
                raise module.ended
            value = a.read()
            if hasattr(value, "send"):
                return self._carry_out(a, value)
            self._take(a, value)
        except Exception as e:
            self.fail(a, e)
        if a.name == "value":
            self._follow(module, a.error)

    def _take(self, a, value):
        if value is not None:
            a.module.keep(a, a.convert(value))
        elif a.error and a.error.text == _UNREAD:
            a.error = ReadFailed("read_%s gave nothing, and nothing else has set it" % a.name)

    def fail(self, a, e):
        a.error = self._secop(e, a.module, a.error)
        self.stamp(a)
        log.debug(a.module.name, "%s can't be read: %s", a.name, a.error.text)

    def _follow(self, module, error):
        # the status of a module that does not read it shows whether its value can be had
        if not error and module.healthy is None:
            return  # as mostly; what follows takes 32 B
        status = module.accessibles.get("status")
        if status is None or status.read or ERROR not in status.definition.datainfo.members[0].members.values():
            return
        mine = module.healthy is not None and module.status == (ERROR, module.told)
        if error:
            if mine or module.status[0] != ERROR:
                if not mine:
                    module.healthy = module.status
                module.told = error.text
                module.status = ERROR, module.told
            else:
                module.healthy = None  # the driver has words of its own
        else:
            if mine:
                module.status = module.healthy
            module.healthy = None

    def _secop(self, e, module, previous=None):
        """An exception of a driver as one of SECoP's; a mistake in it is logged, once in a row."""
        if isinstance(e, OSError):
            from errno import errorcode  # a driver's OSError(19) is a number to a person

            why = e.args[0] if e.args else ""
            return CommunicationFailed("the hardware did not answer: %s" % (errorcode.get(why, why) if len(e.args) < 2 else e))
        error = e
        if not isinstance(e, SECoPError):
            error = InternalError("%s in the driver of %s; the node's log has more" % (type(e).__name__, module.name))
        if isinstance(error, InternalError) and e is not module.ended and not (previous and previous.text == error.text):
            log.traceback(module.name, e)
        return error

    # ---- a driver's methods that wait for something

    async def enter(self, module):
        """Wait until no method of the module is at work, and keep others out. Raises TimeoutError where one does not end."""
        module.wanted += 1  # no reading begins meanwhile, so that it can't keep the others out
        try:
            while module.in_use:
                if module.time_left <= _STUCK:
                    raise TimeoutError("%s is still at work on something that does not end" % module.name)
                await asyncio.sleep_ms(10)
            module.in_use = True
        finally:
            module.wanted -= 1

    async def _carry_out(self, a, method, outcome=None):
        """Await a driver's method until its time is up: a reading, or what puts error and result into the list `outcome`."""
        module = a.module
        module.in_use = True
        module.time_left = limit = module.timeout if outcome is None else module.action_timeout
        module.at_work = asyncio.current_task()
        result = error = None
        try:
            result = await method
        except asyncio.CancelledError as e:
            error = e
            if module.time_left <= -1:
                getattr(module.at_work, "uncancel", int)()  # a PC's Python counts them
                error = (CommunicationFailed if outcome is None else TimeoutError)("no answer within %g s" % limit)
            elif getattr(module.at_work, "cancelling", int)():
                raise  # as in _run
        except Exception as e:
            error = e
        if module.time_left <= _STUCK:
            log.info(module.name, "%s has ended after all", a.name)
            self._follow(module, None)
        module.in_use = False
        module.at_work = None
        module.time_left = 0
        if outcome is not None:
            outcome.append(error)
            outcome.append(result)
            return
        try:
            if error:
                raise error
            self._take(a, result)
        except BaseException as e:
            self.fail(a, e)
        if a.name == "value":
            self._follow(module, a.error)

    def _watch(self, module):
        """Have a driver's method end whose time is up; called once a second while there is one at work.

        It gets a CancelledError. Where it does not end by that, the module can't be used until it does, and says so.
        """
        # counted rather than measured: while somebody else holds up the board its time does not pass
        module.time_left -= 1
        if module.time_left > _STUCK:
            if module.time_left <= -1:
                module.at_work.cancel()
        elif module.time_left > _STUCK - 1:
            error = CommunicationFailed("the driver does not answer, and what it does can't be ended")
            log.error(module.name, error.text)
            for a in self.parameters:
                if a.module is module and a.read:
                    self.fail(a, error)
                    self.announce(a)
            self._follow(module, error)

    async def result(self, a, method, reading=None):
        """What a driver's method, already called, gives in the end. Raises SECoPErrors; TimeoutError where it takes too long.

        It is awaited by a task of its own, since it may not end. With a `reading` of refresh() that is waited for alone.
        """
        module = a.module
        outcome = []
        module.in_use = True
        try:
            task = asyncio.create_task(reading or self._carry_out(a, method, outcome))
        except MemoryError:
            module.in_use = False
            raise
        pause = 0
        while not task.done() and module.time_left > _STUCK:
            await asyncio.sleep_ms(pause)
            pause = min(pause + 1, 10)
        if reading:
            return
        if not outcome:
            raise TimeoutError("no answer within %g s, and it does not end" % a.module.action_timeout)
        if outcome[0]:
            raise self._secop(outcome[0], a.module)
        return outcome[1]

    def _act(self, session, a):
        """The way of `change` and `do`: check, then apply, then answer.

        Gives None, or what has to be awaited where the driver's method is `async` or the module is at work.
        """
        value = self._accept(session, a)
        if a.module.in_use:
            return self._act_later(session, a)
        result = self.apply(a, value)
        if hasattr(result, "send"):
            return self._finish(session, a, value, result)
        return self._acted(session, a, value, result)

    async def _act_later(self, session, a):
        await self.enter(a.module)
        try:
            # meanwhile something else may be possible
            value = self._accept(session, a)
            result = self.apply(a, value)
        finally:
            a.module.in_use = False
        await self._finish(session, a, value, result)

    async def _finish(self, session, a, value, result):
        if hasattr(result, "send"):
            result = await self.result(a, result)
        answer = self._acted(session, a, value, result)
        if answer is not None:
            await answer

    def _acted(self, session, a, value, result):
        if isinstance(a.definition, Command):
            return self._done(session, a, result)
        return self._changed(session, a, value, result)

    def apply(self, a, value):
        """Call the driver's method, in a module that is not at work; gives a value, or what result() takes."""
        if a.module.ended:
            raise a.module.ended
        a.module.acting = a
        try:
            return self._call(a.act, a, value) if a.act else None
        except Exception as e:
            raise self._secop(e, a.module)

    def _accept(self, session, a):
        """A client's value, if it is acceptable."""
        begin, end = session.data, session.end
        return self.judge(a, parse(session.view, begin, end) if begin < end else None)

    def judge(self, a, value):
        """The one path that decides whether a value is acceptable; see design: change = check, then apply."""
        definition = a.definition
        if isinstance(definition, Command):
            datainfo = definition.argument
            if datainfo is None:
                if value is not None:
                    raise WrongType("%s takes no argument" % a.name)
            else:
                value = datainfo.check(value)
        else:
            datainfo = definition.datainfo
            value = datainfo.check(value, getattr(a.module, a.name))
        try:
            if a.limits is not None:
                (limits.check if a.limits else limits.check_order)(a, value)
            if a.check:
                self._call(a.check, a, value)
        except Impossible as e:
            if datainfo and "closest_valid" in e.info:
                e.info["closest_valid"] = datainfo.export(datainfo.convert(e.info["closest_valid"]))
            raise
        except Exception as e:
            raise self._secop(e, a.module)
        return value

    def _call(self, method, a, value):
        if isinstance(a.definition, Command):
            datainfo = a.definition.argument
            if datainfo is None:
                return method()
            if isinstance(datainfo, Struct):
                return method(**value)
            if isinstance(datainfo, Tuple):
                return method(*value)
        return method(value)

    # ---- requests

    def handle(self, session):
        """Answer the request that a session has in its buffer. Gives None, or what has to be awaited.

        Where this or that raises an exception, failed() gives the answer. Together exactly one answer leaves.
        """
        self.heard = pace.ticks_ms()
        buf = session.buf
        begin, space = session.begin, session.space
        # the most frequent ones are told by their letters where they are, and called by name: that takes no memory
        read = buf.find(b"read ", begin, space + 1) == begin
        change = not read and buf.find(b"change ", begin, space + 1) == begin
        ping = not read and not change and buf.find(b"ping ", begin, space + 1) == begin
        about = action = None
        if begin == session.end:
            action = self._help
        elif not (read or change or ping):
            name = session.words(begin, space)
            about = self._about.get(name)
            action = self._actions.get(name)
        a = self._known(session) if read or change or about else None
        # what an accessible is called is text, so only the rest has to be looked at
        if a:
            begin = session.data
        if begin < session.end and not message.is_text(buf, begin, session.end):
            for c in session.words(begin, session.end):
                if c < 0x20 or c == 0x7F:
                    raise ProtocolError("the line holds a control character (0x%02x)" % c)
            raise ProtocolError("the line holds bytes that are no text (UTF-8)")
        if read:
            return self._read(session, a)
        if change:
            return self._change(session, a)
        if ping:
            return self._ping(session)
        if about:
            return about(session, a)
        if action:
            return action(session)
        raise ProtocolError("unknown action; help lists those there are")

    def failed(self, session, e):
        """Answer the present request with an exception. Gives None, or what has to be awaited."""
        if not isinstance(e, SECoPError):
            if isinstance(e, OSError):
                raise e  # of the connection: drivers' are SECoPErrors by now
            log.traceback("", e)
            e = InternalError("a fault in the firmware; the node's log has more")
        return session.error(session.words(session.begin, session.space), session.words(session.spec, session.stop), e)

    def _known(self, session):
        """The accessible of a request's specifier, None where it is not simply module:name."""
        buf, begin, end = session.buf, session.spec, session.stop
        if begin == end:
            return None
        # one of those asked for lately is found without making bytes of its name: 64 bytes less
        i = (buf[end - 1] + buf[(begin + end) >> 1] + end - begin) & (_FOUND - 1)
        a = self._found[i]
        if a is None or len(a.specifier) != end - begin or buf.find(a.specifier, begin, end) < 0:
            a = self._accessibles.get(session.words(begin, end))
            if a:
                self._found[i] = a
        return a

    def _closer(self, session, default, kind):
        """What a specifier that is not simply module:name may mean: (module, name, accessible or None)."""
        parts = session.words(session.spec, session.stop).split(b":")
        name = parts[1] if len(parts) > 1 else default
        if not name or not message.is_name(parts[0]) or not message.is_name(name):
            raise ProtocolError("the specifier has to be <module>:<%s>" % kind)
        module = self._module(parts[0])
        return module, str(name, "utf-8"), self._accessibles.get(parts[0] + b":" + name)

    def _module(self, name):
        module = self._by_name.get(name)
        if module is None:
            if not message.is_name(name):
                raise ProtocolError("the specifier has to be a module's name")
            raise NoSuchModule("this node has no module %s" % str(name, "utf-8"))
        return module

    def _modules(self, session):
        """The modules that a specifier names: its first part, or where it is empty all."""
        if session.spec == session.stop:
            return self.modules
        return (self._module(session.words(session.spec, session.stop).split(b":")[0]),)

    def _parameter(self, session, a, default):
        if a is None or isinstance(a.definition, Command):
            module, name, a = self._closer(session, default, "parameter")
            if a is None or isinstance(a.definition, Command):
                raise NoSuchParameter("%s has no parameter %s" % (module.name, name))
        return a

    def _specifier(self, session, a):
        # as it came: `read m` is answered with `reply m`
        n = session.stop - session.spec
        return a.specifier if n == len(a.specifier) else session.words(session.spec, session.stop)

    def _identify(self, session):
        session.fresh()
        self.encoder.word(IDENTIFICATION)
        return session.reply()

    def _describe(self, session):
        return session.reply_file(b"describing . ", self._description, self._description_length, b"\n")

    def _read(self, session, a):
        a = self._parameter(session, a, b"value")
        definition = a.definition
        if definition.constant is not None:
            raise ReadOnly("%s is a constant: its value is in the description" % a.name)
        # where nobody polls it what a client's read brings is news for the others
        before = None if definition.poll else (a.error, getattr(a.module, a.name))
        if a.read:
            reading = self.refresh(a)
            if reading is not None:
                return self._read_later(session, a, before, reading)
        return self._answer(session, a, before)

    async def _read_later(self, session, a, before, reading):
        await self.result(a, None, reading)
        answer = self._answer(session, a, before)
        if answer is not None:
            await answer

    def _answer(self, session, a, before):
        if before and before != (a.error, getattr(a.module, a.name)):
            self.announce(a)
        self._encode(b"reply ", b"error_read ", a, self._specifier(session, a))
        return session.reply()

    def _change(self, session, a):
        a = self._writable(session, a)
        if session.readonly:
            raise ReadOnly(session.readonly)
        return self._act(session, a)

    def _changed(self, session, a, value, used):
        if used is not None:
            try:
                value = a.convert(used)
            except Exception as e:
                raise self._secop(e, a.module)
        # the driver may have said so already
        told = a.module.acting is not a and not a.error and value == getattr(a.module, a.name)
        self.accept(a, value)
        self.remember(a)
        if log.threshold >= log.DEBUG:
            log.debug(a.module.name, "%s changed to %s", a.name, value)
        if not told:
            self.announce(a)
        self._encode(b"changed ", b"error_change ", a, self._specifier(session, a))
        return session.reply()

    def accept(self, a, value):
        """Note what a parameter was set to. The value of a Writable follows, where the driver says nothing of it."""
        module = a.module
        module.keep(a, value)
        if a.name == "target" and module.follows and not module.accessibles["value"].read:
            module.value = value
            module.follows = True

    def _writable(self, session, a):
        a = self._parameter(session, a, b"target")
        if a.definition.readonly:
            raise ReadOnly("%s can't be changed" % a.name)
        return a

    def _do(self, session, a):
        if a is None or not isinstance(a.definition, Command):
            module, name, a = self._closer(session, None, "command")
            if a is None or not isinstance(a.definition, Command):
                raise NoSuchCommand("%s has no command %s" % (module.name, name))
        if session.readonly:
            self._accept(session, a)  # what is wrong with the argument comes first
            raise Impossible(session.readonly)
        return self._act(session, a)

    def _done(self, session, a, result):
        log.debug(a.module.name, "%s done", a.name)
        datainfo = a.definition.result
        try:
            result = datainfo.export(datainfo.convert(result)) if datainfo else None
        except HardwareError as e:
            raise HardwareError("the result of %s: %s" % (a.name, e.text))
        except Exception as e:
            raise self._secop(e, a.module)
        self.clock.read()
        self.encoder.begin(b"done ", self._specifier(session, a))
        self.encoder.value(result, self.clock.hi, self.clock.lo)
        return session.reply()

    def _check(self, session, a):
        if not self.checks:
            raise ProtocolError("check is not supported")
        if a is None:
            module, name, a = self._closer(session, b"target", "accessible")
            if a is None:
                raise NoSuchParameter("%s has no accessible %s" % (module.name, name))
        if isinstance(a.definition, Command):
            datainfo = a.definition.argument
        else:
            datainfo = a.definition.datainfo
        if not a.definition.checkable:
            raise NotCheckable()
        value = self._accept(session, a)
        self.encoder.begin(b"checked ", self._specifier(session, a))
        self.encoder.value(datainfo.export(value) if datainfo else None, 0, 0)
        return session.reply()

    def _activate(self, session):
        for module in self._modules(session):
            session.active[module.index] = 1
            for a in self.parameters:
                if a.module is module:
                    session.owe(a, True)
        return self._confirm(session, b"active")

    def _deactivate(self, session):
        for module in self._modules(session):
            session.active[module.index] = 0
            for a in self.parameters:
                if a.module is module:
                    session.forget(a)
        return self._confirm(session, b"inactive")

    def _confirm(self, session, word):
        if session.spec < session.stop:
            word += b" " + session.words(session.spec, session.stop)
        self.encoder.word(word)
        return session.reply()

    def _ping(self, session):
        self.clock.read()
        self.encoder.begin(b"pong ", session.buf, session.spec, session.stop)
        self.encoder.value(None, self.clock.hi, self.clock.lo)
        return session.reply()

    def _logging(self, session):
        # finer than by module it is not: the answer says so by leaving out the rest
        specifier = session.words(session.spec, session.stop).split(b":")[0]
        module = self._module(specifier) if specifier else None
        begin, end = session.data, session.end
        asked = parse(session.view, begin, end) if begin < end else None
        session.set_level(module, log.level_of(asked))
        self._listen_to_log()
        self.encoder.begin(b"logging ", specifier)
        self.encoder.data(asked)
        return session.reply()

    def _listen_to_log(self):
        level = log.INFO
        for session in self.sessions:
            level = max(level, session.max_level())
        log.threshold = level

    def _tell(self, level, module, text):
        """A sink of log.py: what is logged goes to the clients that asked for it."""
        for session in self.sessions:
            if session.stream is not None:
                session.push_log(level, self._by_name.get(module.encode()), text)

    async def _help(self, session):
        # in here a board that is short of memory has them in a file
        texts = (
            "This is a SEC node: it speaks SECoP, one message a line. Try",
            "  *IDN?                          who speaks here, and which protocol",
            "  describe                       the modules, their parameters and commands, as JSON",
            "  read <module>:<parameter>      a value; qualifier t is its time, in seconds since 1970",
            "  change <module>:<parameter> <value>",
            "  do <module>:<command> [<argument>]",
            "  check <module>:<accessible> [<value>]    would change or do take it? Nothing is changed",
            "  activate [<module>]            from now on send an update for every new value",
            "  deactivate [<module>]          no more of them",
            "  ping <token>                   are you there?",
            '  logging [<module>] "debug"|"info"|"error"|"off"      send what the node logs',
        )
        for i, text in enumerate(texts):
            self.encoder.begin(b"helping ", b"%d" % (i + 1))
            self.encoder.data(text)
            answer = session.reply()
            if answer is not None:
                await answer
