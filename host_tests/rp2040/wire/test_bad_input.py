from host_tests.wire.test_bad_input import *  # noqa: F403
