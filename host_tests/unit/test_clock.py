"""Timestamps: exact digits, either epoch, nothing from a clock that was never set, and corrections of the board's clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

START = 1767225600_000  # ms since 1970: the begin of 2026


def run(arithmetic, *steps, epoch=1970, ticks=0):
    """[(ms since 1970 by hi and lo)] after each step, and what was logged."""
    said, logged = arithmetic.ask("clock", epoch, ticks, steps)
    for hi, lo, text in said:
        ms = hi * 100_000_000 + lo
        assert 0 <= lo < 100_000_000
        assert text == (f"{ms // 1000:010d}.{ms % 1000:03d}")
    return [hi * 100_000_000 + lo for hi, lo, _ in said], logged


@given(pairs=st.lists(st.tuples(st.integers(0, 99999), st.integers(0, 99999999)), min_size=1, max_size=20))
def test_the_digits_are_exact(arithmetic, pairs):
    texts = arithmetic.ask("clock_text", pairs)
    assert texts == [f"{hi * 100000 + lo // 1000:010d}.{lo % 1000:03d}" for hi, lo in pairs]


@pytest.mark.parametrize(
    "hi,lo,text",
    [
        (17672, 0, "1767200000.000"),
        (17672, 999, "1767200000.999"),
        (17672, 1000, "1767200001.000"),
        (17672, 99_999_999, "1767299999.999"),
        (17673, 0, "1767300000.000"),
        (15053, 96_348_188, "1505396348.188"),
        (20000, 7, "2000000000.007"),
        (99999, 99_999_999, "9999999999.999"),
    ],
)
def test_digits_at_the_carries(arithmetic, hi, lo, text):
    assert arithmetic.ask("clock_text", [[hi, lo]]) == [text]


@pytest.mark.parametrize("epoch", [1970, 2000])
def test_the_epoch_of_the_board_does_not_show(arithmetic, epoch):
    assert run(arithmetic, ["sync", START + 188], epoch=epoch) == ([START + 188], [])


@pytest.mark.parametrize("epoch", [1970, 2000])
@pytest.mark.parametrize("ms", [0, 12345, 946684800_000, 1609459200_000, 1735689400_000])
def test_a_clock_that_was_never_set_gives_no_time(arithmetic, epoch, ms):
    ms = max(ms, 946684800_000) if epoch == 2000 else ms
    assert run(arithmetic, ["sync", ms], ["pass", 100000], ["sync", ms + 100000], epoch=epoch) == ([0, 0, 0], [])


def test_without_a_time_an_update_has_no_t(arithmetic):
    assert arithmetic.ask("stamp", 0, 0) == "update a:b [1, {}]\n"
    assert arithmetic.ask("stamp", 17672, 5) == 'update a:b [1, {"t": 1767200000.005}]\n'


def test_a_clock_that_is_set_later_is_no_step(arithmetic):
    assert run(arithmetic, ["sync", 5000], ["pass", 1000], ["sync", START])[1] == []


@pytest.mark.parametrize("ticks", [0, (1 << 30) - 1, (1 << 30) - 1500, (1 << 29) - 10])
def test_ticks_carry_time_on_when_they_wrap(arithmetic, ticks):
    found, logged = run(arithmetic, ["sync", START], ["pass", 1], ["pass", 2999], ["pass", 0], ["pass", 700], ticks=ticks)
    assert found == [START, START + 1, START + 3000, START + 3000, START + 3700]
    assert logged == []


def test_time_passes_over_a_carry_of_hi(arithmetic):
    edge = 17673 * 100_000_000
    assert run(arithmetic, ["sync", edge - 2], ["pass", 1], ["pass", 1], ["pass", 1])[0] == [edge - 2, edge - 1, edge, edge + 1]


@pytest.mark.parametrize("start", [START, 17673 * 100_000_000 + 500])
@pytest.mark.parametrize("back", [1, 1000, 1999])
def test_a_small_step_back_makes_time_stand(arithmetic, back, start):
    found, logged = run(arithmetic, ["sync", start], ["sync", start - back], ["pass", back - 1], ["pass", 1], ["pass", 5])
    assert found == [start] * 4 + [start + 5]
    assert logged == []


@pytest.mark.parametrize("step", [-2000, -3600_000, 2000, 86400_000, -100_000_000, 100_000_000, 200_000_000])
def test_a_large_step_is_taken_over_and_logged(arithmetic, step):
    found, logged = run(arithmetic, ["sync", START], ["pass", 10], ["sync", START + 10 + step], ["pass", 5])
    assert found == [START, START + 10, START + 10 + step, START + 15 + step]
    assert len(logged) == 1 and str(step // 1000) in logged[0]


def test_small_steps_forward_are_followed_in_silence(arithmetic):
    assert run(arithmetic, ["sync", START], ["sync", START + 1999], ["pass", 1]) == ([START, START, START + 2000], [])


@given(
    steps=st.lists(
        st.one_of(st.tuples(st.just("pass"), st.integers(0, 100_000)), st.tuples(st.just("sync"), st.integers(-1999, 1999))),
        max_size=30,
    ),
    ticks=st.integers(0, (1 << 30) - 1),
)
def test_small_corrections_never_take_time_back_and_never_add_up(arithmetic, steps, ticks):
    true = START
    script = [["sync", START]]
    for what, ms in steps:
        if what == "pass":
            true += ms
            script.append(["pass", ms])
        else:
            # the board's clock is set by so much, and so are we
            true += ms
            script.append(["sync", true])
    script.append(["pass", 2000 * len(steps)])  # whatever was owed is made up by then
    found, logged = run(arithmetic, *script, ticks=ticks)
    assert found == sorted(found)
    assert found[-1] == true + 2000 * len(steps)
    assert logged == []
