"""What an autotune found of an oven's plant, and which thresholds of its guard follow from that. Loaded where it is needed.

The measure of harm: full power into the plant, with a sensor that says nothing, must trip before 50 K above the last good
reading.
"""

from control.guard import Guard
from micropython import const

_HARM = const(50)  # K
_FAR = const(20)  # K below the setpoint, where max_error is counted
_UNLIKE = const(3)  # times the heat capacity, or a third of it
_NAMES = ("gain_time", "max_error", "max_rate", "stuck_time")
_KEPT = "plant"  # in settings.json: [J/K, s, what followed from it, in the order of _NAMES]


def recall(oven):
    """Take over what was found before the start. Gives nothing; what is kept amiss is no plant."""
    kept = _kept(oven)
    if kept:
        oven._plant = kept[0], kept[1]


def found(oven, capacity, lag):
    """An autotune found a plant of `capacity` J/K that answers `lag` s late. Gives words where it is unlike the last one.

    The thresholds that follow are set: the default ones, and those of the last plant, also to wider ones; what somebody
    has set by hand only to narrower ones. A plant very unlike the last one makes none wider.
    """
    last = _kept(oven)
    unlike = ""
    if last and not last[0] / _UNLIKE < capacity < last[0] * _UNLIKE:
        unlike = ", a plant very unlike the last one: %.3g J/K, it was %.3g; no threshold got wider" % (capacity, last[0])
    values = dict(oven._guard)
    new = _thresholds(capacity, lag, oven._maxheaterpower)
    for i, name in enumerate(_NAMES):
        free = _same(values[name], getattr(Guard, name)) or (last and _same(values[name], last[2 + i]))
        values[name] = new[i] if free and not unlike else min(new[i], values[name])
    oven.write__guard(values)
    oven._guard = values
    oven._plant = capacity, lag
    if oven.node.store:
        oven.node.store.set(oven.name, _KEPT, [capacity, lag] + [values[name] for name in _NAMES])
    return unlike


def wide(oven, values):
    """Words where the thresholds `values` let more happen than the measure of harm, or None.

    A plant that answers late and warms fast can't have narrower ones: less _maxheaterpower helps. Before an autotune it is by
    the slowest plant that the default thresholds are for.
    """
    capacity = oven._plant[0]
    speed = oven._maxheaterpower / capacity if capacity else Guard.gain / Guard.gain_time  # K/s
    rise = speed * max(values["stuck_time"], values["gain_time"] + values["max_error"] / _FAR)
    if rise > _HARM:
        text = "the guard is as good as off: by gain_time, max_error, stuck_time and _maxheaterpower it may warm by %d K unseen"
        return text % min(rise, 99999)


def _thresholds(capacity, lag, power):
    """In the order of _NAMES."""
    speed = max(power, 0.001) / capacity  # K/s
    time = _HARM / speed  # s
    takes = 4 * Guard.gain / speed + 2 * lag  # s: no false alarm with so much
    return (
        min(max(min(max(Guard.gain_time, takes), 0.6 * time), min(takes, Guard.gain_time), 1.0), 3600.0),
        max(min(Guard.max_error, 0.2 * time * _FAR), 1.0),
        min(max(Guard.max_rate, 2 * speed), 100.0),
        max(min(Guard.stuck_time, 0.8 * time), 5.0),
    )


def _same(a, b):
    return abs(a - b) <= 0.001 * abs(b)


def _kept(oven):
    kept = oven.node.store and oven.node.store.get(oven.name, _KEPT)
    if type(kept) is list and len(kept) == 2 + len(_NAMES) and all([_is_good(x) for x in kept]):
        return kept
    return None


def _is_good(x):
    return type(x) in (int, float) and 0 <= x < 1e9
