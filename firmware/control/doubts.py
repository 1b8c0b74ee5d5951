"""What the guard does where it is in doubt: less power, and words. Loaded when it is first."""

from control.guard import NOT_WARM
from micropython import const

# as in guard.py
_SMOOTH = const(5)  # s
_WARMS = const(50)  # mK/s
_LITTLE = const(10)  # that part of full power
_ENDLESS = const(1000000000)  # W
_FAST = const(1)
_FALL = const(2)
_SLOW = const(3)
_WEAK = const(4)
_SLIP = const(5)
_SOME = 0.2  # of `gain`: it warms, if slowly
_FOLLOWS = 0.3  # of what the same energy did before
_AT_LAST = 0.2  # of the same, where nothing was held: nobody knew what part of it that takes
_WARMS_AGAIN = 0.2  # of the same, for now
_LOST = 0.2  # of full power
_RISES = 0.02  # K/s, that noise does not
_LAG = const(4)  # s: a plant that answers so soon needs no more time
_GRACE = const(5)  # s
_SETTLED = const(60)  # s
_COOLS = const(5)  # s without power
_MORE = const(2)
_STEADY = const(120)  # s with it, until what is usual is what it has: twice the time of that mean
_SHARE = 0.1  # of the fall
_SHARE_HELD = 0.05  # of the same, where it gets what held it, which is hardly more than what it loses
_FOLLOW_TIME = const(230)  # s
_HARMLESS = const(8)  # K: where the energy warms the block by no more, there is no hurry
_KNOWN = 1.5  # of what held it: the window that told was not the last one
_MUCH = 0.4  # of the fall: whatever the energy should do, it follows
_AGAIN = const(2)  # K
_TAIL = const(30)  # s: so long that may be the rest of the fall
_LOSES = const(1)  # K
_ROSE = 0.3  # K, that noise does not
_COOLED = 0.15  # of full power: more is not taken for what holds a block that cools
_UNKNOWN = 0.6  # of the energy, where nobody knows what the plant does with it
_GROWN = 0.6  # of full power
_DEAR_TIME = const(300)  # s


def beyond(guard, raw, temperature):
    """Words for a raw value that is not allowed, or a temperature that is no number."""
    if not abs(temperature) < 1e30:
        return "the temperature is no number"
    limit = guard.low_raw if raw < guard.low_raw else guard.high_raw
    return "%.1f °C is not allowed: the sensor's raw value %.0f is beyond the limit %.0f" % (temperature, raw, limit)


def still(guard, raw, temperature):
    """Words for a raw value that is not allowed, or that has been the same for too long; None else."""
    if not guard.low_raw <= raw <= guard.high_raw:
        return beyond(guard, raw, temperature)
    return guard.stuck(0)


def _warn(guard, why, bound, text):
    guard._why = why
    guard._bound = bound
    guard._since = guard._spent = 0.0
    guard.warning = text


def fast(guard, step, most, dt, power):
    """It warms by `step` K in `dt` s, where `most` are allowed."""
    first = guard._why != _FAST
    # one that was heated a second ago warms on by that
    if guard._since > 3 if not first else power <= 0 and guard._off_time > min(guard._lag, _LAG):
        return "it seems to warm by %.1f K in %.1f s: no heater can do that" % (step, dt)
    if first:
        guard._given = power or guard.full
    bound = guard._given * most / step / 2
    if first or bound < guard._bound:  # a late sensor shows the whole of it in the next second
        since = 0.0 if first else guard._since
        text = "it warms by %.1f K/s: heated with %.1f W at most. If it is so fast, set max_rate to %.0f"
        _warn(guard, _FAST, bound, text % (step / dt, bound, 2 * step / dt))
        guard._since = since


def fell(guard, fall, temperature):
    """It fell faster than blocks cool: a sample was changed, or the sensor came off. No more power than it usually had."""
    # what cools has no use for what it had a minute ago
    usual = guard._usual if guard._off_time < _COOLS else 0.0
    # nor is a mean what it takes to hold, where it has just arrived
    usual = max(usual, min(guard._held, _MORE * usual))
    bound = min(max(usual, guard.full / _LITTLE), guard._bound)
    text = "it fell by %.1f K within some seconds: heated with %.1f W at most until it warms again"
    _warn(guard, _FALL, bound, text % (fall, bound))
    guard._fallen = guard._low = guard._high = temperature
    guard._before = temperature + fall
    slope = guard._slope
    steady = abs(slope) * 1000 < _WARMS and guard._energy > _STEADY * usual >= _STEADY * bound
    guard._held_still = bound >= usual and (guard._hold > 0 or steady)
    # W, that held it: what it had, less what it warmed by
    guard._holds = usual
    if guard._held_still and guard._held:
        guard._holds = min(usual, _KNOWN * guard._held)  # what warmed it a minute ago is in the mean
    elif not guard._held_still:
        guard._holds = 0.0 if slope > 0 else usual / 2
        if guard._speed:
            guard._holds = min(max(usual - slope / guard._speed, 0.0), max(usual, _COOLED * guard.full))
        if guard._held:
            guard._holds = min(guard._holds, guard._held)


def following(guard, dt, temperature, setpoint, falls):
    """Whether the reading follows the power again, after it fell."""
    if falls or temperature < guard._fallen - 0.5:
        guard._fallen = temperature
        guard._spent = guard._since = 0.0  # it falls on, or again
        guard._low = guard._high = temperature
    elif temperature < guard._low - _AGAIN:
        guard._since = guard._spent = 0.0  # slowly: a door, meanwhile
        guard._low = temperature
    elif guard._since < _TAIL:
        guard._low = min(guard._low, temperature)
    if temperature > guard._fallen:
        guard._high = max(guard._high, temperature)
    elif guard._high - guard._fallen < _ROSE:
        guard._high = temperature
    if temperature < guard._high - _LOSES:
        guard._holds = max(guard._holds, guard._usual)  # it cools with that: a door
        if temperature <= guard._fallen:
            guard._spent = guard._since = 0.0  # it had warmed again: another sample, or that door
            guard._high = guard._low = temperature
    guard._fallen = min(guard._fallen, temperature)
    slope = (temperature - guard._smooth) / _SMOOTH
    answers = slope > max(_FOLLOWS * guard._speed * guard._joule / dt, _RISES)
    if not answers:
        guard._spent = max(guard._spent + guard._joule - guard._holds * dt, 0.0)  # J, that were to warm it
    rise = temperature - guard._fallen
    fall = guard._before - guard._fallen
    least = guard.gain
    if guard._held_still or guard._speed:
        least = min(least, _SHARE_HELD * fall if guard._held_still else max(_SHARE * fall, 1.0))
    time = (guard.gain_time + _GRACE) * (1.0 if guard._speed else _UNKNOWN) + min(guard._lag, guard.gain_time)
    could = guard._speed * guard._spent
    owes = (_FOLLOWS if guard._held_still else _AT_LAST) * could
    much = guard._spent > guard.full * time and not 0 < could < _HARMLESS
    up = much or guard._since > _FOLLOW_TIME or rise + guard.gain < owes
    if up and answers and not guard._held_still:
        owes = 0.0  # a door took what it had until now
    if rise >= least and rise >= min(owes, _MUCH * fall):
        guard.relax()
    elif setpoint is not None and temperature > setpoint - guard.hysteresis / 5 and guard._since > _SETTLED:
        guard.relax()  # it needs no power to be there
    elif up:
        return "it fell by %.1f K and does not follow the power since: is the sensor off its mount?" % fall
    elif not guard._held_still:
        # nothing was held: what it had may not be enough, and is made more
        guard._bound = min(guard._bound + guard.full * dt / (60 * _LITTLE), max(guard._bound, _GROWN * guard.full))


def too_slow(guard, setpoint, temperature, power):
    """It does not warm as it should, for longer than is allowed."""
    if guard._same >= guard._wait:
        return guard.stuck(0)
    gained = temperature - guard._goal + guard.gain
    low = guard._low - guard._goal + guard.gain  # K, since the piece began
    fell = guard._falls or low < -1
    slope = (temperature - guard._smooth) / _SMOOTH
    lag = max(guard._lag, guard._late)
    late = 2 * lag if lag > _LAG else 0.0
    if fell and guard._goal_time < guard.gain_time + min(late, guard.gain_time):
        return None  # a late one falls on for a while
    least = guard.gain / guard.gain_time
    if guard._speed:
        # some of the power is lost
        least = max(_WARMS_AGAIN * guard._speed * (power - _LOST * guard.full), _RISES)
    if (fell or low < -0.5) and least < slope:
        # a small sample, or a late sensor: it fell meanwhile, and warms again
        guard._begin_piece(guard._low)
    elif power * 2 < guard.full and slope > -_RISES:
        guard._begin_piece(temperature)  # a control with little gain, which does not ask for much as yet
    elif guard.full < guard._held:
        text = "_maxheaterpower, %.1f W, is less than it took to hold a temperature, %.1f W"
        _warn(guard, _WEAK, _ENDLESS, text % (guard.full, guard._held))
    elif guard._why == 0 and gained >= _SOME * guard.gain:
        bound = guard.full / _LITTLE
        time = 1.5 * guard._goal_time * guard.gain / gained
        text = "it warms slowly, %.1f K in %d s: heated with %.1f W at most. If it is so slow, set gain_time to %d"
        _warn(guard, _SLOW, bound, text % (gained, guard._goal_time, bound, time))
    else:
        text = NOT_WARM + ": %.1f K below the setpoint, no %g K gained in %d s at %.1f W"
        return text % (setpoint - temperature, guard.gain, guard._goal_time, power)


def slips(guard, bound):
    """Holding takes more and more power, slowly."""
    text = "holding takes ever more power: %.1f W at most. Does the sensor slip off? If not, set the target anew"
    _warn(guard, _SLIP, bound, text % bound)


def dear(guard, dt, setpoint):
    """Whether it goes on to take so much."""
    guard._spent += dt if guard._joule > 0.95 * guard._bound * dt else -dt
    if setpoint != guard._hold_at or guard._spent < 0:
        guard.relax()
    elif guard._spent > _DEAR_TIME:
        text = "holding takes ever more power, above %.1f W where it took %.1f W: does the sensor slip off?"
        return text % (guard._bound, guard._held)
