"""Timestamps: plain decimal seconds since 1970 with milliseconds, which never go back for a parameter."""

import re
import time

_T = re.compile(r'\{"t": (\d+\.\d{3,})\}\]$')


def stamp(line):
    """The timestamp of a report, and as milliseconds (a float would do, but the text is what is proven)."""
    found = _T.search(line)
    assert found, line
    seconds, fraction = found[1].split(".")
    return int(seconds) * 1000 + int(fraction[:3])


def test_all_reports_have_one(wire):
    before = time.time() * 1000
    lines = [
        wire.ask("read ticker:value"),
        wire.ask("change types:_int 1"),
        wire.ask("do calc:_nothing"),
        wire.ask("ping x"),
    ]
    after = time.time() * 1000
    for line in lines:
        # the node looks at the clock once a second and counts in between: some ms apart are no fault
        assert before - 3000 < stamp(line) < after + 3000


def test_cached_values_keep_theirs(wire):
    """The time when the value was obtained, not when it was asked for."""
    changed = stamp(wire.ask("change types:_int 2"))
    time.sleep(0.1)
    assert stamp(wire.ask("read types:_int")) == changed
    wire.send("activate types")
    _, updates = wire.until("active types")
    assert changed in [stamp(line) for line in updates if line.startswith("update types:_int ")]


def test_a_failure_has_one_too(wire):
    try:
        wire.ask("change faulty:_fault 1")
        line = wire.ask("read faulty:value")
        assert abs(stamp(line) - time.time() * 1000) < 3000
    finally:
        wire.ask("change faulty:_fault 0")


def test_never_back(bench):
    """Over some seconds, in which the node looks at its clock several times, by all ways a value may go out."""
    last = {}
    with bench.connect() as wire, bench.connect() as other:
        wire.send("activate")
        end = time.monotonic() + 2.2
        while time.monotonic() < end:
            other.send("read ticker:value")
            other.send("change types:_int 3")
            for line in [wire.line(), other.line(), other.line()]:
                if line == "active":
                    continue
                specifier = line.split(" ")[1]
                assert stamp(line) >= last.get((specifier, line.startswith("update")), 0), line
                last[specifier, line.startswith("update")] = stamp(line)
    assert len(last) > 5
