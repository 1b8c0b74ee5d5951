"""Where a board's network has no room, an instrument's request waits for it, and then fails; it never waits in C."""

import socket
import threading
from pathlib import Path

import pytest

from host_tests.properties.served import fixture

served = fixture(Path(__file__).with_name("crowded.py"), "function")


@pytest.fixture(params=[True, False], ids=["answers", "silent"])
def instrument(request):
    """(port, whether it answers): an instrument that repeats each line, or says nothing."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                while data := connection.recv(100):
                    if request.param:
                        connection.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1], request.param
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_where_there_is_room_all_is_sent(served, instrument):
    port, answers = instrument
    said, opened = served.ask("told", port, 10000, 100, answers)
    assert said == [19 if answers else 0] * 100 if answers else said.count(None) == 1
    # one that says nothing is connected to anew after 1 KB
    assert opened == (1 if answers else 2)


def test_where_there_is_none_it_fails_after_a_second(served, instrument):
    port, answers = instrument
    said, opened = served.ask("told", port, 50, 4, answers)
    assert said == [19 if answers else 0] * 2 + [None] * 2
    assert opened == 2
