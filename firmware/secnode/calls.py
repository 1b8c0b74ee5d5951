"""The one way into a driver's methods: what may be set, who is at work, for how long, and what an exception becomes.

Plain functions of an Accessible `a` or of its module. A module runs one method at a time.
"""

import asyncio
from time import ticks_diff, ticks_ms

from micropython import const
from secnode import errors, limits, log
from secnode.module import ERROR, Command

_STUCK = const(-2)  # s left to a driver's method that did not end when it was cancelled
_LONG = const(50)  # ms that a method may hold up the board
UNREAD = "not read yet"

# ---- reading


def refresh(a):
    """Read a parameter from the hardware; what goes wrong becomes its error. Tells nobody of the value.

    Gives None, or what has to be awaited where the driver's method is `async`. While another method of the module is at
    work the last value stays, with its own timestamp; where that one does not end it is an error (see count_down).
    """
    module = a.module
    if not a.read or module.in_use or module.wanted:
        return None
    begun = ticks_ms()
    try:
        if module.ended:
            raise module.ended
        value = a.read()
        if hasattr(value, "send"):
            return _carry_out(a, value)
        _store_reading(a, value)
    except Exception as e:
        fail(a, e)
    finally:
        _took(a, begun)
    if a.name == "value":
        _show_health(module, a.error)


def _store_reading(a, value):
    if value is not None:
        a.module.keep(a, a.convert(value))
    elif a.error and a.error.text == UNREAD:
        a.error = errors.ReadFailed("read_%s gave nothing, and nothing else has set it" % a.name)


def fail(a, e):
    """Note that a parameter can't be read, by an exception."""
    a.error = secop_error(e, a.module, a.error)
    a.module.node.clock.stamp(a)
    log.debug(a.module.name, "%s can't be read: %s", a.name, a.error.text)


def _show_health(module, error):
    # the status of a module that does not read it shows whether its value can be had
    if not error and module.healthy is None:
        return  # as mostly; what follows takes 32 B
    status = module.accessibles.get("status")
    if status is None or status.read or ERROR not in status.definition.datainfo.members[0].members.values():
        return
    shown = module.healthy is not None and module.status == (ERROR, module.ailment)
    if error:
        if shown or module.status[0] != ERROR:
            if not shown:
                module.healthy = module.status
            module.ailment = error.text
            module.status = ERROR, module.ailment
        else:
            module.healthy = None  # the driver has words of its own
    else:
        if shown:
            module.status = module.healthy
        module.healthy = None


def secop_error(e, module, previous=None):
    """An exception of a driver as one of SECoP's; a mistake in it is logged, once in a row."""
    if isinstance(e, OSError):
        from errno import errorcode  # a driver's OSError(19) is a number to a person

        why = e.args[0] if e.args else ""
        why = errorcode.get(why, why) if len(e.args) < 2 else e
        if why == "ENODEV":
            why = "ENODEV, no device at this address; are address, wires and supply right?"
        elif why == "EIO":
            why = "EIO, nothing was acknowledged; are wires, pull-ups and supply right?"
        elif why == "ETIMEDOUT":
            why = "ETIMEDOUT, it took too long; is a wire loose or shorted, or a pull-up missing?"
        return errors.CommunicationFailed("the hardware did not answer: %s" % why)
    error = e
    if not isinstance(e, errors.SECoPError):
        error = errors.InternalError("%s in the driver of %s; the node's log has more" % (type(e).__name__, module.name))
    if isinstance(error, errors.InternalError) and e is not module.ended and not (previous and previous.text == error.text):
        log.traceback(module.name, e)
    return error


# ---- setting, and commands


def judge(a, value):
    """The one path that decides whether a client's value is acceptable; gives it in the form for inside.

    It can't change anything: `check` ends here, `change` and `do` go on from here. Raises SECoPErrors.
    """
    definition = a.definition
    if isinstance(definition, Command):
        datainfo = definition.argument
        if datainfo is None:
            if value is not None:
                raise errors.WrongType("%s takes no argument" % a.name)
        else:
            value = datainfo.check(value)
    else:
        datainfo = definition.datainfo
        value = datainfo.check(value, getattr(a.module, a.name))
    try:
        if a.limits:
            limits.check(a, value)
        elif limits.is_limit(a):
            limits.check_order(a, value)
        if a.check:
            _call(a.check, a, value)
    except errors.Impossible as e:
        if datainfo and "closest_valid" in e.info:
            e.info["closest_valid"] = datainfo.export(datainfo.convert(e.info["closest_valid"]))
        raise
    except Exception as e:
        raise secop_error(e, a.module)
    return value


def act(a, value):
    """The way of `change` and `do`: judge a client's value, call the driver's method, note what came of it.

    Gives a command's result as JSON has it, None for a parameter; or a coroutine that does, where the method is `async` or
    the module is at work. Raises SECoPErrors.
    """
    judged = judge(a, value)
    if a.module.in_use:
        return _act_later(a, value)
    result = apply(a, judged)
    if hasattr(result, "send"):
        return _finish(a, judged, result)
    return _note(a, judged, result)


async def _act_later(a, value):
    await enter(a.module)
    try:
        # meanwhile something else may be possible
        value = judge(a, value)
        result = apply(a, value)
    finally:
        a.module.in_use = False
    return await _finish(a, value, result)


async def _finish(a, value, result):
    if hasattr(result, "send"):
        result = await outcome(a, result)
    return _note(a, value, result)


def apply(a, value):
    """Call the driver's method, in a module that is not at work; gives a value, or what outcome() takes."""
    if a.module.ended:
        raise a.module.ended
    a.module.acting = a
    begun = ticks_ms()
    try:
        return _call(a.act, a, value) if a.act else None
    except Exception as e:
        raise secop_error(e, a.module)
    finally:
        _took(a, begun)


def _took(a, begun):
    if ticks_diff(ticks_ms(), begun) > _LONG:
        from secnode import slow

        slow.took(a, begun)


def _call(method, a, value):
    if isinstance(a.definition, Command):
        datainfo = a.definition.argument
        if datainfo is None:
            return method()
        if datainfo.type == "struct":
            return method(**value)
        if datainfo.type == "tuple":
            return method(*value)
    return method(value)


def _note(a, value, result):
    if isinstance(a.definition, Command):
        return _result(a, result)
    if result is not None:
        try:
            value = a.convert(result)
        except Exception as e:
            raise secop_error(e, a.module)
    # the driver may have said so already
    announced = a.module.acting is not a and not a.error and value == getattr(a.module, a.name)
    accept(a, value)
    if a.definition.keep:
        a.module.node.remember(a)
    if log.threshold >= log.DEBUG:
        log.debug(a.module.name, "%s changed to %s", a.name, value)
    if not announced:
        a.module.node.announce(a)


def _result(a, result):
    log.debug(a.module.name, "%s done", a.name)
    datainfo = a.definition.result
    try:
        return datainfo.export(datainfo.convert(result)) if datainfo else None
    except errors.HardwareError as e:
        raise errors.HardwareError("the result of %s: %s" % (a.name, e.text))
    except Exception as e:
        raise secop_error(e, a.module)


def accept(a, value):
    """Note what a parameter was set to. The value of a Writable follows, where the driver says nothing of it."""
    module = a.module
    module.keep(a, value)
    if a.name == "target" and module.follows and not module.accessibles["value"].read:
        module.value = value
        module.follows = True


# ---- methods that wait for something


async def enter(module):
    """Wait until no method of the module is at work, and keep others out. Raises TimeoutError where one does not end."""
    module.wanted += 1  # no reading begins meanwhile, so that it can't keep the others out
    try:
        while module.in_use:
            if module.time_left <= _STUCK:
                raise errors.TimeoutError("%s is still at work on something that does not end" % module.name)
            await asyncio.sleep_ms(10)
        module.in_use = True
    finally:
        module.wanted -= 1


async def _carry_out(a, method, found=None):
    # await a driver's method until its time is up: a reading, or what puts error and result into the list `found`
    from secnode import slow

    module = a.module
    module.in_use = True
    module.time_left = limit = module.timeout if found is None else module.action_timeout
    module.at_work = asyncio.current_task()
    result = error = None
    try:
        result = await slow.Steps(a, method)  # type: ignore - it has what await takes
    except asyncio.CancelledError as e:
        error = e
        if module.time_left <= -1:
            if hasattr(module.at_work, "uncancel"):
                module.at_work.uncancel()  # type: ignore - a PC's Python counts them
            error = (errors.CommunicationFailed if found is None else errors.TimeoutError)("no answer within %g s" % limit)
        elif node_ends(module.at_work):
            raise
    except Exception as e:
        error = e
    if module.time_left <= _STUCK:
        log.info(module.name, "%s has ended after all", a.name)
        _show_health(module, None)
    module.in_use = False
    module.at_work = None
    module.time_left = 0
    if found is not None:
        found.append(error)
        found.append(result)
        return
    if error is None:
        try:
            _store_reading(a, result)
        except Exception as e:  # no Ctrl-C, which would be lost
            error = e
    if error is not None:
        fail(a, error)
    if a.name == "value":
        _show_health(module, a.error)


def node_ends(task):
    """Whether a task was cancelled since the node ends: a PC's Python cancels all tasks then, a board's none."""
    return hasattr(task, "cancelling") and task.cancelling()


def count_down(module):
    """Have a driver's method end whose time is up; called once a second while there is one at work.

    It gets a CancelledError. Where it does not end by that, the module can't be used until it does, and says so.
    """
    # counted rather than measured: while somebody else holds up the board its time does not pass
    module.time_left -= 1
    if module.time_left > _STUCK:
        if module.time_left <= -1:
            module.at_work.cancel()
    elif module.time_left > _STUCK - 1:
        error = errors.CommunicationFailed("the driver does not answer, and what it does can't be ended")
        log.error(module.name, error.text)
        for a in module.node.parameters:
            if a.module is module and a.read:
                fail(a, error)
                module.node.announce(a)
        _show_health(module, error)


async def outcome(a, method, reading=None):
    """What a driver's method, already called, gives in the end. Raises SECoPErrors; TimeoutError where it takes too long.

    It is awaited by a task of its own, since it may not end. With a `reading` of refresh() that is waited for alone.
    """
    module = a.module
    found = []
    module.in_use = True
    try:
        task = asyncio.create_task(reading or _carry_out(a, method, found))
    except MemoryError:
        module.in_use = False
        raise
    pause = 0
    while not task.done() and module.time_left > _STUCK:
        await asyncio.sleep_ms(pause)
        pause = min(pause + 1, 10)
    if reading:
        return
    if not found:
        raise errors.TimeoutError("no answer within %g s, and it does not end" % module.action_timeout)
    if found[0]:
        raise secop_error(found[0], module)
    return found[1]
