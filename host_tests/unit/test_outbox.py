"""What leaves in which order, where a client takes nothing for a while."""

from pathlib import Path

from host_tests.properties.served import fixture

served = fixture(Path(__file__).with_name("overtaking.py"), "function")


def test_the_last_word_is_the_newest_value(served):
    """The reply has the value of the request's moment; an update may go before it, and is then sent again."""
    assert served.ask("overtaken") == [["update", "[3"], ["reply", "[2"], ["update", "[3"]]
