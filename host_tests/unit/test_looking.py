"""After a request a session looks for the next one, and leaves a PC's processor to others."""

from pathlib import Path

from host_tests.properties.served import fixture

served = fixture(Path(__file__).with_name("looking.py"), "function")


def test_it_looks_a_hundred_times_and_then_every_ms(served):
    answers, looks = served.ask("looked", 5)
    assert answers == 5
    assert 5 * 10 < looks < 5 * 400  # for 5 ms without a break that were 3000 at each
