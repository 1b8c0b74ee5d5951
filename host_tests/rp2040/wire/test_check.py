from host_tests.wire.test_check import *  # noqa: F403
