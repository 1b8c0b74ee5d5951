from host_tests.wire.test_logging import *  # noqa: F403
