"""What a node answers to each message (specification: messages.rst): one function a message.

Beside the session this alone knows where in a line action, specifier and data lie. A function gives None, or what has to be
awaited. Where one raises an exception, failed() gives the answer: together exactly one answer leaves.
"""

from secnode import calls, errors, log, message, pace, updates
from secnode.jsonvalue import parse
from secnode.module import Command


def handle(session):
    """Answer the request that a session has in its buffer."""
    node = session.node
    node.heard = pace.ticks_ms()
    buf = session.buf
    begin, space = session.begin, session.space
    # the most frequent ones are told by their letters where they are, and called by name: that takes no memory
    is_read = buf.find(b"read ", begin, space + 1) == begin
    is_change = not is_read and buf.find(b"change ", begin, space + 1) == begin
    is_ping = not is_read and not is_change and buf.find(b"ping ", begin, space + 1) == begin
    about_accessible = answer = None
    if begin == session.end:
        answer = _help
    elif not (is_read or is_change or is_ping):
        action = session.words(begin, space)
        about_accessible = _ABOUT_ACCESSIBLE.get(action)
        answer = _OTHERS.get(action)
    a = _known(session) if is_read or is_change or about_accessible else None
    # what an accessible is called is text, so only the rest has to be looked at
    if a:
        begin = session.data
    if begin < session.end and not message.is_text(buf, begin, session.end):
        for c in session.words(begin, session.end):
            if c < 0x20 or c == 0x7F:
                raise errors.ProtocolError("the line holds a control character (0x%02x)" % c)
        raise errors.ProtocolError("the line holds bytes that are no text (UTF-8)")
    if is_read:
        return _read(session, a)
    if is_change:
        return _change(session, a)
    if is_ping:
        return _ping(session)
    if about_accessible:
        return about_accessible(session, a)
    if answer:
        return answer(session)
    raise errors.ProtocolError("unknown action; help lists those there are")


def failed(session, e):
    """Answer the present request with an exception. Gives None, or what has to be awaited."""
    if not isinstance(e, errors.SECoPError):
        if isinstance(e, OSError):
            raise e  # of the connection: drivers' are SECoPErrors by now
        log.traceback("", e)
        e = errors.InternalError("a fault in the firmware; the node's log has more")
    return error(session, session.words(session.begin, session.space), session.words(session.spec, session.stop), e)


def error(session, action, specifier, e):
    """Answer with a SECoPError, the action and specifier repeated as they came."""
    encoder = session.node.encoder
    encoder.begin(b"error_" + message.printable(action) + b" ", message.printable(specifier))
    encoder.error(e)
    return session.reply()


# ---- what a specifier means


def _known(session):
    """The accessible of a request's specifier, None where it is not simply module:name."""
    node = session.node
    lately = node.asked_lately
    buf, begin, end = session.buf, session.spec, session.stop
    if begin == end:
        return None
    # one of those asked for lately is found without making bytes of its name: 64 bytes less
    i = (buf[end - 1] + buf[(begin + end) >> 1] + end - begin) & (len(lately) - 1)
    a = lately[i]
    if a is None or len(a.specifier) != end - begin or buf.find(a.specifier, begin, end) < 0:
        a = node.accessibles.get(session.words(begin, end))
        if a:
            lately[i] = a
    return a


def _look_closer(session, default, kind):
    """What a specifier that is not simply module:name may mean: (module, name, accessible or None)."""
    parts = session.words(session.spec, session.stop).split(b":")
    name = parts[1] if len(parts) > 1 else default
    if not name or not message.is_name(parts[0]) or not message.is_name(name):
        raise errors.ProtocolError("the specifier has to be <module>:<%s>" % kind)
    module = _module(session.node, parts[0])
    return module, str(name, "utf-8"), session.node.accessibles.get(parts[0] + b":" + name)


def _module(node, name):
    module = node.by_name.get(name)
    if module is None:
        if not message.is_name(name):
            raise errors.ProtocolError("the specifier has to be a module's name")
        raise errors.NoSuchModule("this node has no module %s" % str(name, "utf-8"))
    return module


def _modules(session):
    """The modules that a specifier names: its first part, or where it is empty all."""
    if session.spec == session.stop:
        return session.node.modules
    return (_module(session.node, session.words(session.spec, session.stop).split(b":")[0]),)


def _parameter(session, a, default):
    if a is None or isinstance(a.definition, Command):
        module, name, a = _look_closer(session, default, "parameter")
        if a is None or isinstance(a.definition, Command):
            raise errors.NoSuchParameter("%s has no parameter %s" % (module.name, name))
    return a


def _specifier(session, a):
    # as it came: `read m` is answered with `reply m`
    n = session.stop - session.spec
    return a.specifier if n == len(a.specifier) else session.words(session.spec, session.stop)


def _data(session):
    begin, end = session.data, session.end
    return parse(session.view, begin, end) if begin < end else None


# ---- messages about an accessible


def _read(session, a):
    a = _parameter(session, a, b"value")
    definition = a.definition
    if definition.constant is not None:
        raise errors.ReadOnly("%s is a constant: its value is in the description" % a.name)
    # where nobody polls it what a client's read brings is news for the others
    before = None if definition.poll else updates.state(a)
    if a.read:
        reading = calls.refresh(a)
        if reading is not None:
            return _later(session, a, _reply_read, calls.outcome(a, None, reading), before)
    return _reply_read(session, a, before)


async def _later(session, a, reply, waiting, before=None):
    # await a driver, and reply with what that gives, or with what was before it
    result = await waiting
    answer = reply(session, a, result if before is None else before)
    if answer is not None:
        await answer


def _reply_read(session, a, before):
    if before and before != updates.state(a):
        updates.announce(session.node, a)
    updates.encode(session.node.encoder, a, b"reply ", b"error_read ", _specifier(session, a))
    return session.reply(a)


def _change(session, a):
    a = _parameter(session, a, b"target")
    if a.definition.readonly:
        raise errors.ReadOnly("%s can't be changed" % a.name)
    if session.readonly:
        raise errors.ReadOnly(session.readonly)
    changing = calls.act(a, _data(session))
    return _reply_changed(session, a) if changing is None else _later(session, a, _reply_changed, changing)


def _reply_changed(session, a, _=None):
    updates.encode(session.node.encoder, a, b"changed ", b"error_change ", _specifier(session, a))
    return session.reply(a)


def _do(session, a):
    if a is None or not isinstance(a.definition, Command):
        module, name, a = _look_closer(session, None, "command")
        if a is None or not isinstance(a.definition, Command):
            raise errors.NoSuchCommand("%s has no command %s" % (module.name, name))
    if session.readonly:
        calls.judge(a, _data(session))  # what is wrong with the argument comes first
        raise errors.Impossible(session.readonly)
    result = calls.act(a, _data(session))
    return _later(session, a, _reply_done, result) if hasattr(result, "send") else _reply_done(session, a, result)


def _reply_done(session, a, result):
    node = session.node
    node.clock.read()
    node.encoder.begin(b"done ", _specifier(session, a))
    node.encoder.value(result, node.clock.hi, node.clock.lo)
    return session.reply()


def _check(session, a):
    node = session.node
    if not node.checks:
        raise errors.ProtocolError("check is not supported")
    if a is None:
        module, name, a = _look_closer(session, b"target", "accessible")
        if a is None:
            raise errors.NoSuchParameter("%s has no accessible %s" % (module.name, name))
    definition = a.definition
    datainfo = definition.argument if isinstance(definition, Command) else definition.datainfo
    if not definition.checkable:
        raise errors.NotCheckable()
    value = calls.judge(a, _data(session))
    node.encoder.begin(b"checked ", _specifier(session, a))
    node.encoder.value(datainfo.export(value) if datainfo else None, 0, 0)
    return session.reply()


# ---- the other messages


def _identify(session):
    session.fresh()
    session.node.encoder.word(session.node.identification)
    return session.reply()


def _describe(session):
    return session.reply_file(b"describing . ", session.node.description, session.node.description_length, b"\n")


def _activate(session):
    # deactivate, too
    word = b"inactive" if session.buf[session.begin] == 0x64 else b"active"
    for module in _modules(session):
        session.active[module.index] = word == b"active"
        for a in session.node.parameters:
            if a.module is module:
                if word == b"active":
                    session.owe(a, True)
                else:
                    session.forget(a)
    if session.spec < session.stop:
        word += b" " + session.words(session.spec, session.stop)
    session.node.encoder.word(word)
    return session.reply()


def _ping(session):
    node = session.node
    node.clock.read()
    node.encoder.begin(b"pong ", session.buf, session.spec, session.stop)
    node.encoder.value(None, node.clock.hi, node.clock.lo)
    return session.reply()


def _logging(session):
    node = session.node
    # finer than by module it is not: the answer says so by leaving out the rest
    specifier = session.words(session.spec, session.stop).split(b":")[0]
    module = _module(node, specifier) if specifier else None
    asked = _data(session)
    level = log.level_of(asked)
    for i in range(len(session.levels)) if module is None else (module.index,):
        session.levels[i] = level
    updates.set_log_threshold(node)
    node.encoder.begin(b"logging ", specifier)
    node.encoder.data(asked)
    return session.reply()


async def _help(session):
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
    encoder = session.node.encoder
    for i, text in enumerate(texts):
        encoder.begin(b"helping ", b"%d" % (i + 1))
        encoder.data(text)
        answer = session.reply()
        if answer is not None:
            await answer


# by action: of the one kind with (session, accessible or None), of the other one with (session)
_ABOUT_ACCESSIBLE = {b"read": _read, b"change": _change, b"do": _do, b"check": _check}
_OTHERS = {
    b"*IDN?": _identify,
    b"describe": _describe,
    b"activate": _activate,
    b"deactivate": _activate,
    b"ping": _ping,
    b"logging": _logging,
    b"help": _help,
}
