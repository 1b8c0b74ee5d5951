"""Curves and dividers: the standard's values, both ways alike, no exception for any resistance or count, and noise.

With a MicroPython of single precision as `micropython` on the PATH all of it holds there too.
"""

import ast
import math
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.harness import mentions
from host_tests.properties import coded
from host_tests.properties.served import Refused, fixture
from tools import paths

FULL = 65535

BETA = ["Beta", 10000, 3950]
# of a common 10 kOhm thermistor
COEFFICIENTS = (1.129241e-3, 2.341077e-4, 8.775468e-8)
STEINHART = ["SteinhartHart", *COEFFICIENTS]


def ntc(temperature):
    """What that thermistor has, by bisection of the equation: nothing in common with the closed form."""
    a, b, c = COEFFICIENTS
    low, high = -10.0, 30.0
    for _ in range(80):
        x = (low + high) / 2
        low, high = (x, high) if a + b * x + c * x**3 < 1 / (temperature + 273.15) else (low, x)
    return math.exp(low)


# as a datasheet prints it: a point every 10 K, four digits
NTC_TABLE = ["Table", [[t, float(f"{ntc(t):.4g}")] for t in range(-50, 151, 10)]]

# IEC 60751, for 100 Ohm at 0 degC
PLATINUM = {
    -200: 18.52, -180: 27.10, -150: 39.72, -120: 52.11, -100: 60.26, -90: 64.30, -50: 80.31, -20: 92.16, -10: 96.09,
    0: 100.00, 10: 103.90, 20: 107.79, 50: 119.40, 100: 138.51, 150: 157.33, 200: 175.86, 250: 194.10, 300: 212.05,
    400: 247.09, 500: 280.98, 600: 313.71, 700: 345.28, 800: 375.70, 850: 390.48,
}  # fmt: skip
PLATINUM_TABLE = ["Table", [[t, r] for t, r in PLATINUM.items()]]

# as `secnode curve` makes them: value and temperature as integers, or their logarithms
CERNOX = ["Calibration", "Ohm", 1, [170000000, 190000000, 250000000, 310000000, 390000000], [325000000, 200000000, 40000000,
          10000000, 1400000], 100000000, 1000000]  # fmt: skip
RUTHENIUM = ["Calibration", "Ohm", 2, [302077549, 313672057, 330168103, 428780173], [160205999, 62324929, 14612804, -100000000],
             100000000, 100000000]  # fmt: skip
DIODE = ["Calibration", "V", 0, [55970000, 102050000, 110700000, 158450000], [300000000, 77350000, 28000000, 4200000],
         100000000, 1000000]  # fmt: skip
RISING = ["Calibration", "Ohm", 0, [18520000, 100000000, 390480000], [73150000, 273150000, 1123150000], 1000000, 1000000]

CURVES = {
    "beta": BETA,
    "beta of a hot end": ["Beta", 100000, 4267, 0, 350],
    "steinhart-hart": STEINHART,
    "steinhart-hart, c = 0": ["SteinhartHart", 1.02e-3, 2.53e-4, 0],
    "steinhart-hart, tiny c": ["SteinhartHart", 1.02e-3, 2.53e-4, 1e-25],
    "PT100": ["Platinum"],
    "PT1000": ["Platinum", 1000],
    "NTC table": NTC_TABLE,
    "platinum table": PLATINUM_TABLE,
    "a Cernox by its .340": CERNOX,
    "ruthenium oxide, both logarithmic": RUTHENIUM,
    "platinum by its own calibration": RISING,
    "two points": ["Table", [[0, 32650], [100, 678]]],
}
every_curve = pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)


sensing = fixture(Path(__file__).with_name("sensing.py"))


def codes(numbers):
    return [coded.encode(float(n)) for n in numbers]


def resistances(sensing, curve, *temperatures):
    return [coded.decode(r) for r in sensing.ask("resistance", curve, codes(temperatures))]


def temperatures(sensing, curve, *ohms):
    return [coded.decode(t) for t in sensing.ask("temperature", curve, codes(ohms))]


def by_raw(sensing, curve, series, raws, **keywords):
    return [(coded.decode(t), f) for t, f in sensing.ask("by_raw", curve, series, keywords, codes(raws))]


def raws(sensing, curve, series, *celsius, **keywords):
    return [coded.decode(r) for r in sensing.ask("raw", curve, series, keywords, codes(celsius))]


# --- curves


def test_platinum_is_the_standards(sensing):
    for factor in (1, 10):
        curve = ["Platinum", 100 * factor]
        for (t, r), found in zip(PLATINUM.items(), resistances(sensing, curve, *PLATINUM), strict=True):
            assert abs(found / factor - r) < 0.0051, t
        for (t, r), found in zip(
            PLATINUM.items(), temperatures(sensing, curve, *[factor * r for r in PLATINUM.values()]), strict=True
        ):
            assert abs(found - t) < 0.02, r  # the table has two places, 0.0034 ohm are 0.01 K


def test_beta_is_its_definition(sensing):
    assert resistances(sensing, BETA, 25)[0] == pytest.approx(10000, rel=1e-6)
    expected = [10000 * math.exp(3950 * (1 / (t + 273.15) - 1 / 298.15)) for t in (-40, 0, 60, 120)]
    assert resistances(sensing, BETA, -40, 0, 60, 120) == pytest.approx(expected, rel=1e-5)


def test_steinhart_hart_is_its_definition(sensing):
    celsius = range(-55, 151, 5)
    expected = [ntc(t) for t in celsius]
    assert resistances(sensing, STEINHART, *celsius) == pytest.approx(expected, rel=1e-5)
    assert temperatures(sensing, STEINHART, *expected) == pytest.approx(list(celsius), abs=5e-4)


def test_a_tables_points_are_exact(sensing):
    for curve in (NTC_TABLE, PLATINUM_TABLE):
        celsius, ohms = zip(*curve[1], strict=True)
        assert temperatures(sensing, curve, *ohms) == pytest.approx(list(celsius), abs=5e-4)
        assert resistances(sensing, curve, *celsius) == pytest.approx(list(ohms), rel=1e-5)


def test_between_the_points_of_an_ntcs_table(sensing):
    """A point every 10 K, rounded as printed: within 0.05 K of what the sensor really has."""
    celsius = [t / 2 for t in range(-100, 301)]
    found = temperatures(sensing, NTC_TABLE, *[ntc(t) for t in celsius])
    assert max(abs(f - t) for f, t in zip(found, celsius, strict=True)) < 0.05


def test_between_the_points_of_a_platinum_table(sensing):
    points = [
        [t, r] for t, r in zip(range(-200, 851, 10), resistances(sensing, ["Platinum"], *range(-200, 851, 10)), strict=True)
    ]
    celsius = range(-200, 851, 5)
    found = temperatures(sensing, ["Table", points], *resistances(sensing, ["Platinum"], *celsius))
    assert max(abs(f - t) for f, t in zip(found, celsius, strict=True)) < 0.02


def test_a_table_of_two_points_is_a_beta(sensing):
    ends = resistances(sensing, BETA, 0, 100)
    celsius = list(range(0, 101, 10))
    table = ["Table", [[0, ends[0]], [100, ends[1]]]]
    assert temperatures(sensing, table, *resistances(sensing, BETA, *celsius)) == pytest.approx(celsius, abs=1e-3)


def test_a_table_may_be_in_any_order(sensing):
    for curve in (NTC_TABLE, PLATINUM_TABLE):
        back = ["Table", curve[1][::-1]]
        assert sensing.ask("temperature", back, codes([50, 300])) == sensing.ask("temperature", curve, codes([50, 300]))
        assert sensing.ask("limits", back) == [curve[1][0][0], curve[1][-1][0]]


@every_curve
def test_there_and_back(sensing, curve):
    error, monotonic = sensing.ask("there_and_back", curve, 500)
    assert coded.decode(error) < 1e-3
    assert monotonic


@every_curve
def test_it_never_turns_back_for_any_resistance(sensing, curve):
    monotonic, first, last = sensing.ask("monotonic", curve, 1e-37, 1e37, 500)
    assert monotonic
    assert -274 < min(coded.decode(first), coded.decode(last)) and max(coded.decode(first), coded.decode(last)) <= 3001


anything = st.one_of(
    st.floats(0, 3.4e38),
    st.floats(0, 1e-37),
    st.sampled_from([0.0, 1e-45, 1.2e-38, 3.4e38, math.inf]),
)


@every_curve
@given(ohms=st.lists(anything, min_size=1, max_size=20), celsius=st.lists(st.floats(-1e30, 1e30), max_size=20))
def test_nothing_overflows(sensing, curve, ohms, celsius):
    assert all(-274 < t <= 3001 for t in temperatures(sensing, curve, *ohms))
    assert all(0 <= r < 1e37 for r in resistances(sensing, curve, *celsius, -273.15, -273.1500001, -300, 0))


@pytest.mark.parametrize(
    "curve,words",
    [
        (["Table", []], "two points"),
        (["Table", [[25, 10000]]], "two points"),
        (["Table", [[0, 32000], [25, 10000], [50, 10000]]], "see 25 degC"),
        (["Table", [[0, 32000], [25, 10000], [50, 12000]]], "see 25 degC"),
        (["Table", [[0, 100], [50, 120], [100, 110]]], "see 100 degC"),
        (["Table", [[0, 100], [0, 120]]], "see 0 degC"),
        (["Table", [[0, 100], [50, 100]]], "see 50 degC"),
        (["Table", [[0, 100], [50, 0]]], "0 ohm at 50 degC"),
        (["Table", [[0, 100], [50, -3]]], "-3 ohm at 50 degC"),
        (["Table", [[-300, 200], [50, 100]]], "at -300 degC"),
        (["Beta", 0, 3950], "above 0"),
        (["Beta", 10000, -3950], "above 0"),
        (["SteinhartHart", 1e-3, 0, 1e-7], "b has to be above 0"),
        (["SteinhartHart", 1e-3, 2e-4, -1e-7], "c not below 0"),
        (["Platinum", 0], "above 0"),
    ],
)
def test_what_is_no_curve_is_refused(sensing, curve, words):
    with pytest.raises(Refused) as e:
        sensing.ask("limits", curve)
    assert e.value.kind == "ValueError" and words in e.value.text


# --- calibrations


def calibrated(sensing, curve, value, unit="Ohm"):
    return coded.decode(sensing.ask("calibrated", curve, coded.encode(float(value)), unit))


def test_a_calibration_draws_straight_lines(sensing):
    """In what its file has: log(R) over T, log(R) over log(T), V over T."""
    assert calibrated(sensing, CERNOX, 10**1.9) == pytest.approx(200, abs=1e-3)
    assert calibrated(sensing, CERNOX, 10**2.8) == pytest.approx(25, abs=1e-3)
    assert calibrated(sensing, CERNOX, 10**3.9 * 0.9999) == pytest.approx(1.4, abs=1e-3)
    middle = (math.log10(1.4) - 1) / 2
    assert calibrated(sensing, RUTHENIUM, 10 ** ((3.30168103 + 4.28780173) / 2)) == pytest.approx(10**middle, rel=1e-5)
    assert calibrated(sensing, DIODE, (1.0205 + 1.107) / 2, "V") == pytest.approx((77.35 + 28) / 2, abs=1e-3)


def test_millikelvin_are_not_lost(sensing):
    """In degC a board's floats would have steps of 30 uK there."""
    a, b = (calibrated(sensing, RUTHENIUM, r) for r in (19000, 19001))
    assert 0 < a - b < 1e-5 and 0.1 < b


@pytest.mark.parametrize(
    ("curve", "value", "unit", "kind", "named"),
    [
        (CERNOX, 49, "Ohm", "OutOfRange", ("49 Ohm", "50.12 to 7943 Ohm")),
        (CERNOX, 24, "Ohm", "HardwareError", ("shorted", "24 Ohm")),
        (CERNOX, 15000, "Ohm", "OutOfRange", ("1.5e+04 Ohm", "50.12 to 7943 Ohm")),
        (CERNOX, 16000, "Ohm", "HardwareError", ("open", "1.6e+04 Ohm")),
        (CERNOX, -1, "Ohm", "HardwareError", ("shorted", "-1 Ohm")),
        (CERNOX, math.inf, "Ohm", "HardwareError", ("open", "inf Ohm")),
        (CERNOX, math.nan, "Ohm", "HardwareError", ("shorted", "nan Ohm")),
        (DIODE, 3.3, "V", "HardwareError", ("open", "3.3 V")),
        (DIODE, 1.0, "Ohm", "ValueError", ("Ohm", "in V")),
    ],
)
def test_what_is_not_on_a_calibration(sensing, curve, value, unit, kind, named):
    with pytest.raises(Refused) as refused:
        calibrated(sensing, curve, value, unit)
    assert refused.value.kind == kind and mentions(refused.value.text, *named)


def test_a_diode_is_no_resistance(sensing):
    with pytest.raises(Refused) as refused:
        sensing.ask("facts", DIODE, 10000, {})
    assert refused.value.kind == "ValueError" and mentions(refused.value.text, "in V")


@pytest.mark.parametrize(
    ("curve", "reference"), [(CERNOX, 10000), (RUTHENIUM, 40000), (RISING, 430), (["Platinum"], 430)], ids=str
)
def test_a_max31865_takes_a_curve_that_falls(sensing, curve, reference):
    low, high, short, open_, raw, t = (coded.decode(x) for x in sensing.ask("max31865", curve, reference))
    curve_low, curve_high = sensing.ask("limits", curve)
    assert (low, high) == pytest.approx((curve_low, curve_high), abs=0.5)
    assert 0 < short < raw < open_ < 65536
    assert t == pytest.approx((curve_low + curve_high) / 2, abs=0.01)


def test_a_calibrations_reading_keeps_no_memory(sensing, level):
    kept, between = sensing.ask("taken", CERNOX, coded.encode(631.0))
    assert kept == 0
    if level == "board-like":
        assert between <= 256  # what docs/sensors.md says


# --- dividers


def test_counts_are_the_ratio(sensing):
    assert raws(sensing, BETA, 10000, 25) == pytest.approx([FULL / 2], rel=1e-6)
    assert raws(sensing, BETA, 30000, 25) == pytest.approx([FULL / 4], rel=1e-6)
    assert raws(sensing, BETA, 30000, 25, pull="down") == pytest.approx([FULL * 3 / 4], rel=1e-6)
    assert raws(sensing, BETA, 30000, 25, supply=5.0) == pytest.approx([FULL / 4], rel=1e-6)


@pytest.mark.parametrize("keywords", [{}, {"pull": "down"}, {"supply": 3.3}, {"supply": 3.3, "pull": "down"}], ids=str)
@every_curve
def test_counts_there_and_back(sensing, curve, keywords):
    series = resistances(sensing, curve, 60)[0]
    assert coded.decode(sensing.ask("raw_and_back", curve, series, keywords, 200)) < 0.002


def test_hotter_is_less_for_an_ntc_pulled_up_and_more_pulled_down(sensing):
    celsius = range(-50, 150, 5)
    up, down = raws(sensing, BETA, 10000, *celsius), raws(sensing, BETA, 10000, *celsius, pull="down")
    assert all(a > b for a, b in pairwise(up)) and all(a < b for a, b in pairwise(down))
    assert [u + d for u, d in zip(up, down, strict=True)] == pytest.approx([FULL] * len(up))


@pytest.mark.parametrize("pull", ["up", "down"])
@every_curve
def test_no_count_raises(sensing, curve, pull):
    all_of_them = [-1e9, -1, 0, 1e-30, 0.5, 1, 2, *range(0, 65536, 255), 65534, 65534.9, 65535, 65536, 1e9, math.inf, -math.inf]
    celsius = [t for t, _ in by_raw(sensing, curve, 1000, sorted(all_of_them), pull=pull)]
    assert all(math.isfinite(t) for t in celsius)
    assert all(a <= b for a, b in pairwise(celsius)) or all(a >= b for a, b in pairwise(celsius))


OPEN, SHORT = "the sensor or its wire is open", "the sensor or its wire is shorted"  # as drivers/divider.py says it


@pytest.mark.parametrize("curve,series", [(BETA, 10000), (STEINHART, 10000), (["Platinum", 1000], 4700), (["Platinum"], 1000)])
def test_open_and_short(sensing, curve, series):
    assert [f for _, f in by_raw(sensing, curve, series, [FULL, 0])] == [OPEN, SHORT]
    assert [f for _, f in by_raw(sensing, curve, series, [0, FULL], pull="down")] == [OPEN, SHORT]
    low, high = sensing.ask("limits", curve)
    for pull in ("up", "down"):
        for raw in raws(sensing, curve, series, low, (low + high) / 2, high, pull=pull):
            assert by_raw(sensing, curve, series, [raw], pull=pull)[0][1] is None


def test_where_open_and_short_begin(sensing):
    """Half-way from what the sensor can give to what the ADC can see."""
    low, high, open_raw, short_raw = (coded.decode(x) for x in sensing.ask("facts", BETA, 10000, {}))
    assert (low, high) == pytest.approx((-55, 150), abs=1e-2)
    cold, hot = raws(sensing, BETA, 10000, -55, 150)
    assert open_raw == pytest.approx((cold + 0.995 * FULL) / 2)
    assert short_raw == pytest.approx((hot + 0.005 * FULL) / 2)
    edges = [open_raw - 1, open_raw + 1, short_raw - 1, short_raw + 1]
    assert [f for _, f in by_raw(sensing, BETA, 10000, edges)] == [None, OPEN, SHORT, None]


def test_where_the_adc_sees_less_than_the_sensors_range(sensing):
    """An ESP32 with an NTC pulled up to 3.3 V: nothing above 2.45 V, which is 3 degC."""
    low, high, open_raw, _ = (coded.decode(x) for x in sensing.ask("facts", BETA, 10000, {"supply": 3.3}))
    assert 2 < low < 4 and 110 < high < 120
    assert open_raw == pytest.approx(FULL * 2.45 / 3.3)
    open_, shorted = (f for _, f in by_raw(sensing, BETA, 10000, [FULL, 0], supply=3.3))
    assert open_.startswith(OPEN) and mentions(open_, "3 °C")
    assert shorted.startswith(SHORT) and mentions(shorted, f"{high:.0f} °C")
    assert raws(sensing, BETA, 10000, 60, supply=3.3)[0] / FULL * 3.3 == pytest.approx(3.3 * 0.1995, rel=1e-2)


def test_a_window_of_ones_own(sensing):
    facts = sensing.ask("facts", BETA, 10000, {"supply": 3.3, "window": [0.05, 0.93]})
    low, _, open_raw, _ = (coded.decode(x) for x in facts)
    assert low < -20 and open_raw == pytest.approx(0.93 * FULL)


@pytest.mark.parametrize(
    "curve,keywords,code,expected",
    [
        (BETA, {}, 32767, 25),
        (BETA, {"pull": "down"}, 32767, 25),
        (BETA, {"supply": 3.0}, 1500000, 25),
        (BETA, {"supply": 3.0, "pull": "down"}, 1500000, 25),
        (["Platinum", 10000], {}, 32767, 0),
    ],
)
def test_read(sensing, curve, keywords, code, expected):
    assert coded.decode(sensing.ask("read", curve, 10000, keywords, code)) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    "keywords,code,kind,named",
    [
        ({}, 65535, "HardwareError", (OPEN,)),
        ({}, 0, "HardwareError", (SHORT,)),
        ({"pull": "down"}, 0, "HardwareError", (OPEN,)),
        ({"pull": "down"}, 65535, "HardwareError", (SHORT,)),
        ({"supply": 3.3}, 3150000, "HardwareError", (OPEN, "3 °C")),
        ({}, 1050, "OutOfRange", ("159 °C", "-55 to 150 °C")),
        ({}, 65080, "OutOfRange", ("-56 °C", "-55 to 150 °C")),
    ],
)
def test_read_says_what_is_wrong(sensing, keywords, code, kind, named):
    with pytest.raises(Refused) as e:
        sensing.ask("read", BETA, 10000, keywords, code)
    assert e.value.kind == kind and mentions(e.value.text, *named)


@pytest.mark.parametrize(
    "series,keywords",
    [
        (0, {}),
        (-5, {}),
        (100, {"pull": "sideways"}),
        (100, {"samples": 0}),
        (100, {"supply": 0.0}),
        (100, {"window": [0.9, 0.1]}),
    ],
)
def test_what_is_no_divider_is_refused(sensing, series, keywords):
    with pytest.raises(Refused) as e:
        sensing.ask("facts", BETA, series, keywords)
    assert e.value.kind == "ValueError"


def test_a_divider_that_sees_nothing_of_the_sensor_is_refused(sensing):
    with pytest.raises(Refused) as e:
        sensing.ask("facts", ["Platinum"], 1e6, {})
    assert e.value.kind == "ValueError" and mentions(e.value.text, "ADC", "range")


def read_raw(sensing, *conversions, **keywords):
    return [coded.decode(r) for r in sensing.ask("read_raw", conversions, keywords)]


def test_the_middle_half_counts(sensing):
    assert read_raw(sensing, [100, 4, 1, 3, 2, 0, 5, 50], samples=8) == [3.5]  # of 2 3 4 5
    assert read_raw(sensing, [7], [0], [65535]) == [7, 0, 65535]
    assert read_raw(sensing, [5, 9], samples=1) == [5]
    assert read_raw(sensing, [5, 9], samples=2) == [7]
    assert read_raw(sensing, [5, 65535, 9], samples=3) == [9]


def test_microvolts_become_counts(sensing):
    assert read_raw(sensing, [1650000], [0], [4000000], supply=3.3) == pytest.approx([FULL / 2, 0, FULL], rel=1e-6)


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=40))
def test_it_is_as_sorting_would_have_it(sensing, conversions):
    n = len(conversions)
    cut = (n + 1) // 4
    middle = sorted(conversions)[cut : n - cut]
    assert read_raw(sensing, conversions, samples=n) == pytest.approx([sum(middle) / len(middle)], rel=1e-6)


@given(good=st.integers(10000, 50000), wild=st.lists(st.integers(0, 65535), max_size=4), data=st.data())
def test_glitches_leave_no_trace(sensing, good, wild, data):
    """Up to a quarter of the conversions."""
    conversions = data.draw(st.permutations([good] * (16 - len(wild)) + wild))
    assert read_raw(sensing, conversions) == [good]


@pytest.mark.parametrize("samples,most", [(1, 51), (4, 27), (16, 13), (64, 7)])
def test_noise_that_is_left(sensing, samples, most):
    """An RP2040's 45 counts, 1.1 / sqrt(samples) of it."""
    mean, rms, _ = (coded.decode(x) for x in sensing.ask("noise", 30000, 45.0, 0, {"samples": samples}, 1000))
    print(f"samples={samples}: mean off {mean:.2f}, rms {rms:.2f} counts")
    assert rms < most
    assert abs(mean) < 16  # the ADC cuts its codes off: half a code is 8


def test_noise_with_glitches(sensing):
    """One conversion in fifty at either end of the scale: a mean of all would be off by hundreds of counts."""
    mean, rms, worst = (coded.decode(x) for x in sensing.ask("noise", 30000, 45.0, 50, {}, 1000))
    assert abs(mean) < 16 and rms < 15 and worst < 100


def test_a_reading_needs_no_memory(sensing, level):
    """But for its result: a few floats."""
    used, us = sensing.ask("cost", {}, 500)
    print(f"{level}: {used:.0f} bytes, {us:.1f} us")
    if level == "micropython":
        assert used <= 4 * 32


# ---- the contract of a thermometer, drivers/sensor.py


def _offered(source):
    """{class: ({method: its arguments}, names that it sets of itself, the classes it is derived from)} of a source."""
    found = {}
    for c in [c for c in ast.parse(source).body if isinstance(c, ast.ClassDef)]:
        methods = {f.name: [a.arg for a in f.args.args] for f in c.body if isinstance(f, ast.FunctionDef)}
        attributes = {n.attr for n in ast.walk(c) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
        attributes |= {n.id for n in ast.walk(c) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        found[c.name] = methods, attributes, [base.id for base in c.bases if isinstance(base, ast.Name)]
    return found


def _inherited(name, offered):
    """The same of a class with what it is derived from."""
    methods, attributes, bases = offered.get(name, ({}, set(), ()))
    for base in bases:
        more, others = _inherited(base, offered)
        methods, attributes = more | methods, attributes | others
    return methods, attributes


def test_thermometers_keep_to_the_contract():
    drivers = paths.FIRMWARE / "drivers"
    wanted, bounds, _ = _offered((drivers / "sensor.py").read_text("utf-8"))["Sensor"]
    assert set(wanted) == {"read", "read_raw", "raw", "temperature", "fault"}
    assert bounds == {"low", "high"}
    offered = {}
    for path in drivers.glob("*.py"):
        if path.name != "sensor.py":
            offered.update(_offered(path.read_text("utf-8")))
    thermometers = {name: _inherited(name, offered) for name, what in offered.items() if "read_raw" in what[0]}
    assert {"Divider", "MAX31865", "MAX31856", "MAX31855"} <= set(thermometers)
    for name, (methods, attributes) in thermometers.items():
        assert {m: methods.get(m) for m in wanted} == wanted, name
        assert bounds <= attributes, name


def test_heater_and_guard_ask_a_sensor_for_nothing_else():
    wanted, bounds, _ = _offered((paths.FIRMWARE / "drivers" / "sensor.py").read_text("utf-8"))["Sensor"]
    for name in ("heater.py", "oven.py", "plant.py", "resuming.py", "thermometer.py"):
        source = (paths.FIRMWARE / "modules" / name).read_text("utf-8")
        assert set(re.findall(r"\bsensor\.(\w+)", re.sub(r"drivers\.sensor\.\w+", "", source))) <= {*wanted, *bounds}, name
