"""Life in a laboratory, on plants of plain numbers: nothing of it trips, what may be a fault warns, and faults are told."""

import random
import re
import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.safety import random_plants
from host_tests.safety.plants import Plant, Rig, clock  # before firmware

from modules import plant  # isort: skip


@pytest.fixture(autouse=True)
def _same_every_time():
    random.seed(1)
    clock.now = 0


def hold(rig, target=60, seconds=600):
    rig.target(target)
    rig.run(seconds)
    assert rig.tripped is None
    return rig


def idle(rig):
    return rig.tripped is None and tuple(rig.oven.status) == (100, "at target")


@pytest.mark.parametrize("most", [50.0, 100.0])
@pytest.mark.parametrize("lag", [1.5, 12, 20, 30, 40])
def test_off_after_heating_with_a_lag(lag, most):
    rig = Rig(Plant(lag=lag), most=most)
    rig.target(60)
    rig.run(600, until=lambda: rig.plant.sensor > 55)
    rig.oven.do_control_off()
    rig.run(600)
    assert rig.tripped is None and tuple(rig.oven.status) == (100, "off")


@pytest.mark.parametrize(("capacity", "loss"), [(5, 0.2), (40, 0.2), (40, 1.0), (400, 0.5)])
def test_a_cold_block_warms_in_a_warm_room(capacity, loss):
    rig = Rig(Plant(capacity, loss, start=-5, surroundings=30))
    rig.run(3600)
    assert rig.tripped is None
    rig.plant.block -= 35
    rig.run(3600)
    assert rig.tripped is None


@pytest.mark.parametrize("lag", [1.5, 5, 10])
def test_a_sample_changed_warns_and_goes_on(lag):
    rig = hold(Rig(Plant(lag=lag), gains={"p": 3.0, "i": 0.05, "d": 5.0, "filter": 2.0}))
    before = rig.output.power
    rig.plant.block -= 35
    rig.run(15)
    assert rig.oven.status[0] == 200 and harness.mentions(rig.oven.status[1], "fell")
    assert rig.output.power < 2 * before + 5
    rig.run(1200)
    assert idle(rig)


@pytest.mark.parametrize("target", [40, 60, 80])
def test_a_door_opened_for_a_minute(target):
    rig = hold(Rig(), target)
    rig.plant.loss *= 5
    rig.run(60)
    rig.plant.loss /= 5
    rig.run(600)
    assert idle(rig)


@pytest.mark.parametrize(("plant", "target", "first"), [
    ({"lag": 1.5}, 45, 0), ({"lag": 5}, 45, 0), ({"lag": 20}, 45, 65), ({"lag": 20, "loss": 1.0}, 60, 0),
], ids=str)  # fmt: skip
def test_a_heater_that_opens_while_it_holds_is_told_at_a_slow_plant(plant, target, first):
    """What the block gives off as it cools is no power that holding took: that was called a limit too low, for ever."""
    rig = Rig(Plant(400, **plant), gain_time=80)
    if first:
        hold(rig, first, 900)
    hold(rig, target, 900)
    rig.plant.gain = 0.0
    rig.run(1800)
    assert rig.tripped and harness.mentions(rig.tripped, "below the setpoint")


def test_a_limit_below_what_holding_takes_is_a_warning():
    rig = hold(Rig())
    rig.oven._maxheaterpower = 4
    rig.run(900)
    assert rig.tripped is None and rig.output.power == 4
    assert rig.oven.status[0] == 200 and "_maxheaterpower, 4.0 W" in rig.oven.status[1]
    rig.oven._maxheaterpower = 50
    rig.run(300)
    assert idle(rig)


def test_a_slow_plant_names_the_setting_and_a_value_that_will_do():
    rig = Rig(Plant(capacity=600))
    rig.target(60)
    rig.run(600)
    text = rig.oven.status[1]
    assert rig.oven.status[0] == 200 and harness.mentions(text, "gain_time") and rig.output.power == 5
    value = float(text.rsplit(" ", 1)[1])
    rig.oven.write__guard({**rig.oven._guard, "gain_time": value})
    rig.run(1000)
    assert len(rig.warned) == 1
    rig.run(3600, until=lambda: idle(rig))
    assert idle(rig)


@pytest.mark.parametrize(("capacity", "loss"), [(200, 0.1), (400, 0.2), (600, 0.2), (600, 0.1), (1500, 0.5)])
@pytest.mark.parametrize("target", [40, 60, 80])
def test_a_slow_plant_settles_after_an_overshoot_without_a_warning(capacity, loss, target):
    """It needs little while it cools to the target: that is not what holding takes."""
    random.seed(11)
    rig = Rig(Plant(capacity, loss, lag=5), gain_time=capacity / 5)
    rig.target(target)
    rig.run(5400)
    assert rig.tripped is None and not rig.warned and rig.plant.hottest > target + 0.2


# life that tripped once, and faults that were told late or not at all
AMISS = {
    "doors near the room, where little holds it": [831, 1484],
    "a question at a wide code that went up and down in turn": [1741, 1841],
    "a heater that opened where holding seemed to have taken more than full power": [1104],
    "a question while it warmed again after a sample, or when a target was set": [10889, 11239, 11515, 105524],
    "a question with half the power, which just held it": [1208730],
    "a sample for a late plant, a control with little gain": [11671, 11821, 11998, 201666],
    "a heating too short to teach how fast it is, and what was known faded": [11870, 101176, 1201398],
    "a power that fell while a late plant still warmed by what it had": [1105913],
    "a mean that still rises, taken for what held it": [12139, 20846, 50087, 201646],
    "a question that the bound, the control or a door answered": [50056, 104666, 108119, 109000, 200949],
    "a sample in the middle of a piece, at its end, or two": [100097, 100222, 100743, 101987, 1202767],
    "a target set anew after it was heated with less": [102935],
    "a door while it warmed again": [104279, 203017, 204229, 803554, 1303062],
    "another sample while it warmed again": [906264, 1001057],
    "a sensor that comes off a small block near the room's temperature": [103850, 108144],
    "a large sample while it cooled: what holds it was not known": [404623, 709102],
    "a sensor that came off soon after it had warmed: some of what it had seemed to hold it": [503226, 511813, 109740, 202889],
}


@pytest.mark.parametrize("seed", [seed for seeds in AMISS.values() for seed in seeds])
def test_random_plants_that_were_judged_amiss_once(seed):
    _, deviations, _ = random_plants.both(seed)
    assert deviations == []


@pytest.mark.parametrize(("capacity", "loss", "target"), [(600, 0.1, 60), (3000, 0.2, 60), (3000, 0.5, 40), (6000, 0.5, 60)])
def test_a_control_that_swings_is_no_slip(capacity, loss, target):
    """The default gains at so slow a plant: power goes up and down by ten times within minutes, the block by 1 K."""
    rig = Rig(Plant(capacity, loss, lag=20), gain_time=capacity / 5)
    rig.target(target)
    rig.run(4 * 3600)
    assert rig.tripped is None and not rig.warned


@pytest.mark.parametrize("phase", (0, 200, 450, 650, 900), ids="{} ms".format)
@pytest.mark.parametrize(("lag", "dead"), [(0.5, 0), (1.5, 0), (1.5, 2), (3, 1), (5, 2)])
def test_a_fast_plant_names_the_setting_and_a_value_that_will_do(lag, dead, phase):
    """Whenever in the guard's second it begins; a late one warms most when its power is off again."""
    clock.now = phase
    rig = Rig(Plant(capacity=5, lag=lag, dead=dead), most=100)
    rig.target(60)
    rig.run(60)
    assert rig.tripped is None and rig.oven.status[0] == 200
    text = [text for text in rig.warned if harness.mentions(text, "max_rate")][-1]
    other = Rig(Plant(capacity=5, lag=lag, dead=dead), most=100)
    other.oven.write__guard({**other.oven._guard, "max_rate": float(text.rsplit(" ", 1)[1])})
    other.target(60)
    other.run(300)
    assert other.tripped is None and not other.warned


@pytest.mark.parametrize("most", [2, 5])
def test_an_autotune_with_too_little_power_warns(most):
    rig = Rig(most=most)
    rig.oven.do__autotune(60)
    rig.run(3600, until=lambda: not rig.oven.active)
    assert rig.tripped is None and rig.output.power == 0
    assert rig.oven.status[0] == 200 and rig.oven.status[1].startswith("autotune failed: ")


@pytest.mark.parametrize("plant", [
    {"dead": 60}, {"dead": 60, "lag": 20}, {"dead": 30}, {"dead": 12}, {"lag": 12}, {"lag": 20}, {"lag": 20, "capacity": 120},
    {"lag": 10, "dead": 10, "capacity": 20},
], ids=str)  # fmt: skip
def test_an_autotune_of_a_late_plant_tunes_or_warns(plant):
    rig = Rig(Plant(**plant))
    rig.oven.do__autotune(60)

    def drift():
        rig.plant.surroundings += 5 / 3600 / 20  # K a step: 5 K an hour
        return not rig.oven.active

    rig.run(7200, until=drift)
    assert rig.tripped is None and not rig.oven.active
    assert rig.oven.status[1].startswith(("autotuned, off", "autotune failed: "))
    assert rig.plant.hottest < 120


def test_a_sensor_that_slips_off_slowly():
    """It went to 229 degC with "at target"; the honest figure is below the 130 degC of the node oven."""
    rig = hold(Rig(), 100, 700)
    for k in range(600):
        rig.plant.coupling = 1 - 0.7 * k / 600
        rig.run(1)
    assert harness.mentions(rig.tripped, "slip")
    assert rig.plant.hottest < 130


@pytest.mark.parametrize("noise", [0.0, 0.02])
@pytest.mark.parametrize(("capacity", "gain_time"), [(40, 20), (300, 20), (600, 60), (1500, 200)])
@pytest.mark.parametrize("target", [62.3, 62.5])
def test_a_wide_code_is_no_stuck_sensor(capacity, gain_time, noise, target):
    """An hour at a code that is 0.6 K wide: asked again and again, it answers within the tolerance, 0.5 K, and its noise."""
    rig = hold(Rig(Plant(capacity=capacity), noise=noise, gain_time=gain_time), target, 2500)
    low = high = rig.plant.block
    for _ in range(1800):
        rig.run(2)
        low, high = min(low, rig.plant.block), max(high, rig.plant.block)
    assert rig.tripped is None
    assert target - 0.6 < low and high < target + 0.6


@pytest.mark.parametrize(("share", "seconds"), [(1.0, 33), (0.1, 300)])
@pytest.mark.parametrize("begin", ["idle", "heating", "holding"])
def test_a_shorted_transistor_is_told(share, seconds, begin):
    rig = Rig()
    if begin != "idle":
        rig.target(60)
    rig.run(10 if begin == "heating" else 400)
    rig.plant.short = 100 * share
    began = rig.now
    rig.run(seconds)
    assert harness.mentions(rig.tripped, "transistor") and rig.now - began <= seconds


def tune(rig, target=60):
    rig.oven.do__autotune(target)
    rig.run(7200, until=lambda: not rig.oven.active)
    assert rig.oven.status[1].startswith("autotuned, off"), rig.oven.status
    return rig.oven._guard


PLANTS = [{"capacity": 8}, {"capacity": 15}, {}, {"capacity": 100, "loss": 0.1}, {"capacity": 200, "lag": 5}]


@pytest.mark.parametrize("blind", ["stuck", "off"])
@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_after_an_autotune_a_sensor_that_says_nothing_trips_before_50_kelvin(plant, blind):
    rig = Rig(Plant(**plant))
    tune(rig)
    assert rig.oven.wide is None
    rig.run(20)
    rig.plant.stuck = rig.plant.sensor if blind == "stuck" else None
    rig.plant.coupling = 0.0 if blind == "off" else 1.0
    rig.run(60)
    began = rig.plant.hottest = rig.plant.block
    rig.target(150)
    rig.run(1200)
    assert rig.tripped and rig.plant.hottest < began + 50


def test_a_slow_plant_gets_more_time_once_it_is_known():
    found = tune(Rig(Plant(200, lag=5)))
    assert found["gain_time"] > 40 and found["max_error"] == 120 and found["stuck_time"] == 20


def test_what_was_set_by_hand_gets_no_looser():
    rig = Rig(Plant(200, lag=5))
    rig.oven._guard = {**rig.oven._guard, "gain_time": 30.0}
    rig.oven.write__guard(rig.oven._guard)
    assert tune(rig)["gain_time"] == 30
    fast = Rig(Plant(15))
    fast.oven._guard = {**fast.oven._guard, "gain_time": 15.0}
    fast.oven.write__guard(fast.oven._guard)
    assert tune(fast)["gain_time"] < 10  # by harm


def test_what_was_found_is_kept_and_may_change_with_the_next_autotune():
    rig = Rig(Plant(100, 0.1))
    first = tune(rig)["gain_time"]
    assert first == rig.oven.node.store.get("heater", "plant")[2] and rig.oven._plant[0] == pytest.approx(100, rel=0.1)
    rig.plant.capacity = 200
    assert tune(rig)["gain_time"] > first + 10
    again = Rig(Plant())
    again.oven.node.store = rig.oven.node.store
    plant.recall(again.oven)
    assert again.oven._plant == rig.oven._plant


@pytest.mark.parametrize("kept", [None, "hot", [], [1, 2], [40, 2, "x", 1, 1, 1], [True] * 6, [-1, 2, 3, 4, 5, 6], {"a": 1}])
def test_a_plant_kept_amiss_is_none(kept):
    rig = Rig()
    rig.oven.node.store.set("heater", "plant", kept)
    plant.recall(rig.oven)
    assert rig.oven._plant == (0, 0)


def test_a_plant_unlike_the_last_one_makes_nothing_looser_and_says_so():
    rig = Rig(Plant(20))
    before = tune(rig)
    rig.plant.capacity = 150
    after = tune(rig)
    assert re.search(r"\b1\d\d J/K, .*\b\d[\d.]*; .*\bthreshold\b", rig.oven.status[1])
    assert all(after[name] <= before[name] for name in before)
    assert tune(rig)["gain_time"] > before["gain_time"]  # the same again is believed


@pytest.mark.parametrize("threshold", ["gain_time", "stuck_time", "max_error"])
def test_thresholds_so_wide_that_the_guard_is_off_are_told_as_long_as_it_lasts(threshold):
    rig = Rig()
    usual = dict(rig.oven._guard)
    wide = {**usual, threshold: 30000.0 if threshold == "max_error" else 1000.0}
    rig.oven.write__guard(wide)
    assert rig.oven.status[0] == 200 and rig.oven.status[1].startswith("off; ") and "guard" in rig.oven.status[1]
    rig.target(60)
    rig.run(10)
    assert 300 <= rig.oven.status[0] < 400 and "guard" in rig.oven.status[1]
    rig.run(200)
    assert rig.oven.status[0] == 200 and rig.oven.status[1].startswith("at target; ") and "guard" in rig.oven.status[1]
    rig.oven.write__guard(usual)
    assert tuple(rig.oven.status) == (100, "at target")


def test_a_trip_is_on_flash_before_it_is_told():
    """A power cut may come with the client's reading of it; the heater is cut before all."""
    rig = hold(Rig(arguments={"resume": True}))
    oven, saved = rig.oven, []
    oven.resuming.flash = 60

    def save_now(urgent):
        saved.append((urgent, rig.output.power, oven.status[0] < 400, oven.node.store.get("heater", "resume")))

    oven.node.store.save_now = save_now
    rig.plant.raw = 0.0
    rig.run(2)
    assert rig.tripped and oven.status[0] == 400
    assert saved[0] == (True, 0, True, None)


def test_thresholds_are_plain_arguments_too():
    """Of a heater without _guard, no parameter; of an oven they are what _guard begins with."""
    rig = Rig(arguments={"gain_time": 45, "max_rate": 3.0})
    assert rig.oven.guard.gain_time == rig.oven._guard["gain_time"] == 45 and rig.oven.guard.max_rate == 3
    assert rig.oven._guard["stuck_time"] == 20


def test_random_plants():
    """A part of `python -m host_tests.safety.random_plants`."""
    words = [sys.executable, "-m", "host_tests.safety.random_plants", "--plants", "60", "--seed", "1000"]
    done = subprocess.run(words, cwd=harness.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_whole_days():
    """A part of `python -m host_tests.safety.whole_days`."""
    for words in (["--nodes", "2", "--hours", "0.5"], ["--nodes", "4", "--fault"]):
        done = subprocess.run(
            [sys.executable, "-m", "host_tests.safety.whole_days", *words], cwd=harness.ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
