from host_tests.wire.test_messages import *  # noqa: F403
