from host_tests.wire.test_framework import *  # noqa: F403
