"""What is on the wire is the same on a serial line: the core of the wire tests, and the golden transcripts."""

import pytest

from host_tests.wire import test_bad_input, test_messages, test_transcripts

# those that need one client, by name, with their parameters
test_exact_form = test_messages.test_exact_form
test_leniency = test_messages.test_leniency
test_activate_tells_everything_once_and_then_says_so = test_messages.test_activate_tells_everything_once_and_then_says_so
test_activate_a_module = test_messages.test_activate_a_module
test_identification_makes_the_connection_fresh = test_messages.test_identification_makes_the_connection_fresh
test_deactivating_one_module_leaves_the_others = test_messages.test_deactivating_one_module_leaves_the_others
test_who_is_not_active_gets_replies_alone = test_messages.test_who_is_not_active_gets_replies_alone
test_malformed = test_bad_input.test_malformed
test_no_text = test_bad_input.test_no_text
test_not_there_or_not_allowed = test_bad_input.test_not_there_or_not_allowed
test_precedence = test_bad_input.test_precedence
test_longest_line = test_bad_input.test_longest_line
test_a_long_action = test_bad_input.test_a_long_action


@pytest.mark.parametrize(("node", "script"), list(test_transcripts.sections()))
def test_transcript(lines, node, script):
    with lines(node, speed=20).connect() as wire:
        test_transcripts.play(wire, script)
