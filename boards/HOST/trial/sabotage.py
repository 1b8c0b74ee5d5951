"""What can go wrong beside the plant, for trial.py: in software, with power and reset, with clients and clocks.

Each is called with the stage when it shall happen. One that takes its time is a generator, as the stage's script. What can be
mended says how, by `stage.mend`. `stage.raises` comes out of the firmware wherever it just is.
"""

import sys

import machine
import micropython
import settings
import virtual
from secnode import pace

_NO_MEMORY = 10  # s
_SAVED = 80  # s: by then flash has a target that was set
_FLOOD = b"read heater:value\n" * 64  # what is under way at once, made beforehand
_SECOND = 0.005  # s from one Ctrl-C to the next: within the one period that a heater waits for


class Broken(Exception):
    """A mistake in the firmware."""


def _die(*_):
    raise Broken


def _replace(stage, thing, name, other):
    right = getattr(thing, name)
    setattr(thing, name, other)
    stage.mend = lambda: setattr(thing, name, right)


def loop_hung(stage):
    """A driver waits for its hardware by looking at the clock, for ever."""

    def spin(*_):
        while True:
            pace.ticks_ms()

    stage.heater.sensor.read_raw = spin


def control_hung(stage):
    _replace(stage, stage.heater, "_decide", lambda *_: None)


def exception(stage):
    _replace(stage, stage.heater, "power", _die)


def duty_wrong(stage):
    """The pin has a fifth of full power more than was set, where anything was."""
    right = machine.PWM.duty_u16

    def duty_u16(pwm, duty=None):
        return right(pwm) if duty is None else right(pwm, min(duty + 13107, 65535) if duty else 0)

    _replace(stage, machine.PWM, "duty_u16", duty_u16)


def guard_dies(stage):
    _replace(stage, stage.heater.guard, "step", _die)


def main_dies(stage):
    """An exception in asyncio's loop itself."""
    stage.raises = Broken


def ctrl_c(stage):
    stage.raises = KeyboardInterrupt


def soft_reset(stage):
    """As machine.soft_reset() does it."""
    stage.raises = SystemExit


def reset(stage):
    machine.reset()


def power_cut(stage):
    machine.reset(None)


def clock_forward(stage):
    virtual.wall += 400 * 86400


def clock_back(stage):
    virtual.wall -= 400 * 86400


# ---- off stays off: what the heater is told is answered, and the power goes at that very moment


def _told(stage, *lines):
    yield from _resumable(stage)
    for line in lines:
        yield from stage.order(line)
    machine.reset(None)


def _resumable(stage):
    """Wait until flash says that the target is resumed, where there is one."""
    if stage.wire is None:
        yield from stage.connect()
    if stage.plan["phase"] not in ("idle", "autotuning", "driving"):
        end = virtual.now() + _SAVED
        while "resume" not in stage.kept():
            yield from stage.listen(0.1)
            if virtual.now() > end:
                raise ValueError("flash does not get the target")
    stage.begin()


def told_off(stage):
    return _told(stage, "do heater:control_off")


def told_lower(stage):
    """Twice within a minute."""
    return _told(stage, "change heater:target 20", "change heater:target 0")


def told_open_loop(stage):
    return _told(stage, "change heater_power:target 20")


def told_autotune(stage):
    return _told(stage, "do heater:_autotune 60")


def told_no_power(stage):
    return _told(stage, "change heater:_maxheaterpower 0")


def told_limits(stage):
    return _told(stage, "change heater:target_limits [0, 30]")


def told_range(stage):
    return _told(stage, "change heater:_allowed_range [-10, 15]")


def trip_and_cut(stage):
    """The sensor's wire breaks; the power goes when that is told, and the wire is mended meanwhile."""
    yield from _resumable(stage)
    machine.plant.fault("sensor_open")
    while "told" not in stage.found:
        yield from stage.listen(0.02)
    machine.reset(None)


def flash_full(stage):
    """Nothing can be written to flash any more, also after the power cut."""
    yield from _resumable(stage)
    fill_flash()
    yield from stage.order("do heater:control_off")
    machine.reset(None)


def fill_flash():
    def full(path, mode="r"):
        if "w" in mode:
            raise OSError(28)
        return open(path, mode)

    settings.open = full


def ctrl_c_twice(stage):
    """The second one while the outputs are put into the safe state."""
    yield from _resumable(stage)
    stage.again = _SECOND
    stage.raises = KeyboardInterrupt


def hung_and_cut(stage):
    """The watchdog ends a loop that hangs; during the start after it, which does not resume, the power goes."""
    yield from _resumable(stage)
    loop_hung(stage)


def cut(stage):
    """The power goes while it heats, and comes back."""
    yield from _resumable(stage)
    machine.reset(None)


def timer_dies(stage):
    """Nothing switches the relay any more, while it is on."""
    timer = type(stage.heater.heater)._timer
    while machine.plant.duty == 0:
        yield 0.01
    stage.begin()
    timer.deinit()
    stage.mend = lambda: timer.init(freq=50, callback=timer._callback)


def _first_chip():
    import sim_buses

    return sim_buses.devices()[0]


def _break_chip(stage, fault):
    model = _first_chip()[3]
    model.break_(fault)
    stage.mend = lambda: model.break_("none")


def chip_silent(stage):
    _break_chip(stage, "absent")


def chip_frozen(stage):
    """It answers as ever, and measures nothing new."""
    _break_chip(stage, "frozen")


def couple_reversed(stage):
    _break_chip(stage, "reversed")


def couple_open(stage):
    _break_chip(stage, "open")


def dac_deaf(stage):
    _break_chip(stage, "deaf")


def stuck_and_hung(stage):
    bus_stuck(stage)
    loop_hung(stage)


def junction_off(stage):
    _break_chip(stage, "junction_off")


def bus_stuck(stage):
    """Its data line is pulled low."""
    import sim_buses

    name = _first_chip()[0].name
    sim_buses.broken[name] = "stuck"
    stage.mend = lambda: sim_buses.broken.pop(name, None)


def off_fails(stage):
    """Where the heater is to be switched off at the end there is an exception."""
    stage.heater.heater.off = _die
    stage.raises = KeyboardInterrupt


def client_gone(stage):
    """The one that set the target, in the middle of a request."""
    if stage.wire is None:
        yield from stage.connect()
    stage.wire.send("change heater:tar", end="")
    yield 0.1
    stage.wire.vanish()
    stage.wire = None


def client_silent(stage):
    """Nobody says anything any more, and the node is told to mind it."""
    if stage.wire is None:
        yield from stage.connect()
    yield from stage.order("change heater:_deadman 5")


def client_floods(stage):
    """Two clients send requests as fast as they can; one of them takes no answers."""
    if stage.wire is None:
        yield from stage.connect()
    flooders = [stage.Wire(), stage.Wire()]

    def flood():
        flooders[0].look()
        flooders[0].answers.clear()  # thousands, in the heap that is the firmware's too
        for wire in flooders:
            wire.refill(_FLOOD)

    virtual.hooks.append(flood)


def no_memory(stage):
    """For a while no allocation of the firmware succeeds. Pins, ADC and timers need no memory, as on a board."""
    if stage.wire is None:
        yield from stage.connect()
    if sys.implementation.name == "cpython":

        def full(*_):
            raise MemoryError

        _replace(stage, stage.heater.sensor, "read_raw", full)
        yield from _others(stage)
        stage.mend()
    else:
        heap = _Heap()
        heap.wrap(stage.heater)
        stage.mend = heap.free
        heap.full = True
        yield from _others(stage)
        heap.free()
        # those that were there are gone: their places have to be free
        yield from stage.listen(5)
        later = [stage.Wire(), stage.Wire()]
        for wire in later:
            wire.send("*IDN?")
        yield from stage.listen(2)
        for wire in later:
            wire.look()
            wire.vanish()
        stage.found["served"] = all([wire.answers and wire.answers[0][0].startswith("ISSE") for wire in later])


def _others(stage):
    """Two more clients want something meanwhile, and go away."""
    begin = virtual.now()
    others = [stage.Wire(), stage.Wire()]
    while others:
        for wire in others:
            wire.send("read heater:value")
            wire.look()
        yield from stage.listen(1)
        if virtual.now() > begin + _NO_MEMORY / len(others):
            others.pop().vanish()


class _Heap:
    """Keeps MicroPython's heap locked while the firmware runs, and open for what stands for hardware."""

    full = False
    _locked = False
    _open = 0  # how many calls of hardware are going on, one within the other

    def _enter(self):
        if self._locked:
            self._locked = False
            micropython.heap_unlock()
        self._open += 1

    def _leave(self):
        self._open -= 1
        if self.full and not self._open:
            self._locked = True
            micropython.heap_lock()

    def free(self):
        self.full = False
        if self._locked:
            self._locked = False
            micropython.heap_unlock()

    def wrap(self, heater):
        """From now on `full` decides. What is called while it is locked must not take any number of arguments."""
        show, read, duty, deinit = virtual.show, machine.ADC.read_u16, machine.PWM.duty_u16, machine.PWM.deinit
        ticks_ms, pin, level = pace.ticks_ms, machine.Pin, machine.Pin.value

        def _show():
            self._enter()
            try:
                show()
            finally:
                self._leave()

        def _ticks_ms():
            self._enter()
            try:
                return ticks_ms()
            finally:
                self._leave()

        def _read(adc):
            self._enter()
            count = read(adc)
            self._leave()
            return count

        def _duty(pwm, value=None):
            self._enter()
            value = duty(pwm, value)
            self._leave()
            return value

        def _deinit(pwm):
            self._enter()
            deinit(pwm)
            self._leave()

        def _pin(id, mode, value):
            self._enter()
            made = pin(id, mode, -1, value)
            self._leave()
            return made

        def _level(pin, value=None):
            self._enter()
            value = level(pin, value)
            self._leave()
            return value

        def wrapped(callback):
            def _callback(timer):
                # the firmware's own, within _show
                before = self._open
                self._open = 1
                self._leave()
                callback(timer)
                self._enter()
                self._open = before

            return _callback

        virtual.show = _show
        pace.ticks_ms = _ticks_ms
        machine.ADC.read_u16 = _read
        machine.PWM.duty_u16 = _duty
        machine.PWM.deinit = _deinit
        machine.Pin.value = _level
        machine.Pin = _Pins(_pin)
        for driver in ("pwm_heater", "relay_heater"):
            if "drivers." + driver in sys.modules:
                sys.modules["drivers." + driver].Pin = machine.Pin
        for timer in machine.Timer._running:
            timer._callback = wrapped(timer._callback)


class _Pins:
    """Stands for the class Pin, without a new object for each call."""

    IN = machine.Pin.IN
    OUT = machine.Pin.OUT

    def __init__(self, make):
        self._make = make

    def __call__(self, id, mode=-1, value=None):
        return self._make(id, mode, value)
