from host_tests.wire.test_updates import *  # noqa: F403
