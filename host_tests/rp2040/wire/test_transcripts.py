from host_tests.wire.test_transcripts import *  # noqa: F403
