"""Virtual time: the simulated board's clock goes as fast as the CPU, and the same way every time.

    import virtual          before anything of the firmware is imported
    virtual.begin(seed=1)

Time stands still while code runs, but for what that may take on a board: a look at the clock 50 us, a pass of asyncio's
loop 100 us. When all tasks sleep it jumps to the one that wakes first, by at most 10 ms at once, or 50 where no hook wants to
be asked before (`wanted`). So a loop that spins on the clock moves it, and whatever the board has beside the processor (timers,
watchdog, plant) sees every step. `hooks` are called at each of them; what one raises comes out of whatever looked at the clock,
as a Ctrl-C does.

Sockets are looked at without waiting: a peer that takes real time to answer seems very slow.
"""

import asyncio
import random
import sys
import time

_LOOK = 50  # us
_PASS = 100  # us
_STEP = 10000  # us at once
_LONG = 50  # ms at once, where nobody wants to see what is between
_WALL = 1795249193  # Unix time at begin

hooks = []
wanted = 0  # ms since begin: not before has a hook anything to do; each of them may set it
wall = 0  # s by which the wall's clock was set since; to be changed at any time
_ms = 0  # since begin, and
_us = 0  # 0 to 999
_first = 0  # ticks at begin
_ticks_add = time.ticks_add
_among_hooks = False


def now():
    """Seconds since begin."""
    return _ms / 1000 + _us / 1000000


def spend(us):
    """Let so much time pass."""
    global _ms, _us
    while us > 0:
        step = us
        if us > _STEP:
            step = min(us, max(_STEP, min(wanted - _ms, _LONG) * 1000))
        us -= step
        _us += step
        if _us >= 1000:
            _ms += _us // 1000
            _us %= 1000
            if not _among_hooks:  # hardware that takes its time sees the next step
                show()


def show():
    """Let timers and hooks see what time it is."""
    global _among_hooks
    _among_hooks = True
    try:
        _look()  # the board's timers fire when somebody looks
        for hook in hooks:
            hook()
    finally:
        _among_hooks = False


def _look():
    """Replaced by begin()."""


def ticks_ms():
    global _us
    if _us < 1000 - _LOOK:
        _us += _LOOK  # the same as spend(), and most of what a trial does
    else:
        spend(_LOOK)
    return _ticks_add(_first, _ms)


def ticks_us():
    spend(_LOOK)
    return (_ms % 1000000) * 1000 + _us


def sleep_ms(ms):
    """The plain one, that stops everything else."""
    spend(ms * 1000)


def jump(ms):
    """Let so much time pass at once, up to 3 days: nothing of the board is looked at meanwhile."""
    global _ms
    _ms += ms


def time_ns():
    spend(_LOOK)
    return (_WALL + wall + _ms // 1000) * 1000000000 + (_ms % 1000) * 1000000 + _us * 1000


def begin(seed=1, ticks=None):
    """From now on, in this process; `ticks` is what CPython's begin at, else 100 s before they come round."""
    global _first, _look
    random.seed(seed)
    if sys.implementation.name == "cpython":
        _first = (1 << 30) - 100000 if ticks is None else ticks
        _begin_cpython()
    else:
        # asyncio's C code stamps tasks that wake at once with the real ticks: those have to be long ago
        _first = _ticks_add(time.ticks_ms(), 1 << 28)
        _begin_micropython()
    from secnode import pace

    _look = lambda: pace.ticks_ms()  # noqa: E731 - the board puts another one there


def _begin_cpython():
    for function in (ticks_ms, ticks_us, sleep_ms, time_ns):
        setattr(time, function.__name__, function)

    class Selector:
        """The real one for sockets, ours for time."""

        def __init__(self, real, loop):
            self._real = real
            self._loop = loop

        def __getattr__(self, name):
            return getattr(self._real, name)

        def select(self, timeout=None):
            ready = self._ready()
            if ready or (timeout is not None and timeout <= 0):
                spend(_PASS)
                return ready
            left = _STEP if timeout is None else max(round(timeout * 1000000), 1)
            while left > 0 and not ready and not self._loop._ready:
                step = min(left, _LONG * 1000)
                spend(step)
                left -= step
                ready = self._ready()
            return ready

        def _ready(self):
            # one is the loop's own
            return self._real.select(0) if len(self._real.get_map()) > 1 else []

    class Loop(asyncio.SelectorEventLoop):
        def __init__(self):
            super().__init__()
            self._selector = Selector(self._selector, self)
            self._clock_resolution = 1e-6

        def time(self):
            return now()

    def run(coro):
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(coro)

    asyncio.run = run


def _begin_micropython():
    class Module:
        pass

    real = time
    module = Module()
    for name in dir(real):
        if not name.startswith("__"):
            setattr(module, name, getattr(real, name))
    # one by one: functions have no names here
    module.ticks_ms = ticks_ms
    module.ticks_us = ticks_us
    module.sleep_ms = sleep_ms
    module.time_ns = time_ns
    sys.modules["time"] = module
    core = asyncio.core
    core.ticks = ticks_ms
    poll = core.IOQueue.wait_io_event

    tasks = core._task_queue

    def wait_io_event(queue, ms):
        if queue.map:
            poll(queue, 0)
        first = tasks.peek()
        if ms == 0 or (first and real.ticks_diff(first.ph_key, _ticks_add(_first, _ms)) <= 0):
            spend(_PASS)
            return
        # up to the very moment, or until somebody wakes another task
        left = ms * 1000 - _us if ms > 0 else _STEP
        while left > 0 and tasks.peek() is first:
            step = min(left, _LONG * 1000)
            spend(step)
            left -= step
            if queue.map:
                poll(queue, 0)

    core.IOQueue.wait_io_event = wait_io_event
