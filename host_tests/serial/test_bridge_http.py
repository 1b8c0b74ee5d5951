"""A web page gets no further in the bridge than in a node: the same tests, and the same browser."""

import re

import pytest

from host_tests import harness
from host_tests.harness import split
from host_tests.hostile import browser, test_browser
from host_tests.serial import bridged
from host_tests.wire import test_http
from tools.verbs import bridge

bridges = bridged.bridges
own_bridge = bridged.own_bridge
bench = bridged.bench
untouched = test_http.untouched


@pytest.fixture
def room():
    return 64


@pytest.fixture
def start_node(own_bridge):
    return lambda node, **more: own_bridge(node)


test_a_request_line_ends_the_connection = test_http.test_a_request_line_ends_the_connection
test_what_follows_in_the_same_packet_is_not_carried_out = test_http.test_what_follows_in_the_same_packet_is_not_carried_out
test_empty_lines_before_it_do_not_help = test_http.test_empty_lines_before_it_do_not_help
test_cut_into_packets = test_http.test_cut_into_packets
test_a_body_that_comes_late = test_http.test_a_body_that_comes_late
test_an_over_long_first_line_ends_the_connection = test_http.test_an_over_long_first_line_ends_the_connection
test_an_over_long_first_line_that_does_not_end = test_http.test_an_over_long_first_line_that_does_not_end
test_the_words_arrive_however_much_follows = test_http.test_the_words_arrive_however_much_follows
test_tls = test_http.test_tls
test_once_it_has_spoken_secop = test_http.test_once_it_has_spoken_secop_it_is_an_error_like_any_other
test_other_first_lines_end_nothing = test_http.test_other_first_lines_end_nothing
test_where_all_places_are_taken = test_http.test_where_all_places_are_taken
test_a_place_that_gets_free_meanwhile = test_http.test_a_place_that_gets_free_meanwhile
test_the_place_is_free_again = test_http.test_the_place_is_free_again
test_a_page_in_a_browser = test_browser.test_a_page_can_not_heat


def test_nor_where_all_places_are_taken(own_bridge, room):
    heater = own_bridge("example_heater")
    wires = [test_http.place(heater) for _ in range(room)]
    try:
        before = split(wires[0].ask("read heater:target"))[2][0]
        browser.visit(heater.port, test_browser.HEAT, rounds=5)
        assert split(wires[0].ask("read heater:target"))[2][0] == before != 90
    finally:
        for wire in wires:
            wire.close()


@pytest.mark.parametrize("name", ["LINE", "STALL", "IDLE", "QUIET", "SILENT", "KEEP", "PATIENCE", "FIRST", "LINGER"])
def test_the_limits_are_the_nodes(name):
    """As they are said in docs/clients.md: who knows one knows the other."""
    text = "".join((harness.ROOT / "firmware" / file).read_text() for file in ("transport/tcp.py", "secnode/session.py"))
    theirs = int(re.search(rf"^_?{name} = const\((\d+)\)", text, re.MULTILINE).group(1))
    ours = {"LINE": "_OWN_LINE"}.get(name, "_" + name)
    assert getattr(bridge, ours) * (1 if name in ("LINE", "KEEP") else 1000) == theirs
