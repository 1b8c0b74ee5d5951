from host_tests.wire.test_order import *  # noqa: F403
