from host_tests.wire.test_limits import *  # noqa: F403
