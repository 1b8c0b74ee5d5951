"""host_tests/wire/test_transcripts.py as it stands, over a board's USB; and its UART, where it wants a second client."""

from host_tests.wire.test_transcripts import *  # noqa: F403
