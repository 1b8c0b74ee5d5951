"""The board's clock: by NTP without ever waiting for it, by SECoP where there is no network, kept over a soft reset."""

import calendar
import datetime
import socket
import struct
import threading
import time

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from host_tests import harness
from host_tests.properties.served import Refused

NODE = harness.NODES / "clocked.py"
SINCE_1900 = 2208988800
NOW = 1795261573
WIFI = {"wifi": {"ssid": "HOST", "password": "secnode-host"}}


def packet(seconds=NOW, ms=0, first=0x24, stratum=2, length=48, received=None):
    """An NTP server's answer, as hex."""
    stamp = struct.pack(">II", (seconds + SINCE_1900) % (1 << 32), (ms << 32) // 1000)
    took = stamp if received is None else struct.pack(">II", (received + SINCE_1900) % (1 << 32), 0)
    return (bytes([first, stratum]) + bytes(22) + bytes(8) + took + stamp + bytes(20))[:length].hex()


def ms_of(answer):
    return answer and answer[0] * 1000 + answer[1]


# ---- NTP


@pytest.mark.parametrize("ms", [0, 1, 500, 999])
@pytest.mark.parametrize("seconds", [NOW, 2085978495, 2085978496, 2**31 - 1, 2**31, 4000000000])
def test_a_time_of_ntp(linking, seconds, ms):
    """To the ms, also after 2036, when NTP's seconds begin anew, and after 2038. The one moment of 0 is no time."""
    if (seconds + SINCE_1900) % (1 << 32) == ms == 0:
        assert linking.ask("ask_time", packet(seconds, ms)) is None
        return
    found = ms_of(linking.ask("ask_time", packet(seconds, ms)))
    assert abs(found - (seconds * 1000 + ms)) <= 5


@pytest.mark.parametrize(
    "answer",
    [
        "", "00", packet(length=47), packet(first=0x23), packet(first=0x25), packet(first=0xE4), packet(stratum=0),
        packet(stratum=16), "ff" * 48, "00" * 48, packet()[:80] + "00" * 8 + packet()[96:],
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(linking, answer):
    """Cut off, of a client, broadcast, of a server that does not know the time itself or tells to go away."""
    assert linking.ask("ask_time", answer) is None


@pytest.mark.parametrize("received", [0, 1, NOW - 100000, NOW + 1, NOW + 100000, 4000000000, -SINCE_1900])
def test_when_the_server_says_it_got_the_question_moves_nothing(linking, received):
    assert abs(ms_of(linking.ask("ask_time", packet(NOW, 500, received=received))) - NOW * 1000 - 500) <= 5


def test_an_answer_to_another_question_is_none(linking):
    assert linking.ask("ask_time", packet(), False) is None


@given(answer=st.binary(max_size=100))
@budget(max_examples=100)
def test_any_answer_is_survived(linking, answer):
    linking.ask("ask_time", answer.hex())


@pytest.mark.parametrize("server", ["pool.ntp.org", "192.0.2.123"])
def test_the_clock_is_set_once_an_hour(linking, server):
    found, said, hosts = linking.ask("keep_time", server, [], 7300)
    assert [when for when, _ in found] == [10, 3610, 7210]
    assert len(said) == 1 and harness.mentions(said[0], "NTP", "clock", server)
    # a name is asked for each time: a pool's servers come and go
    assert hosts == (["192.0.2.123"] if server[0] == "1" else ["192.0.2.1", "192.0.2.123"]) * 3
    assert all(abs(seconds - time.time()) < 60 for _, seconds in found)


@pytest.mark.parametrize("fault", ["ntp_silent", "dns_silent"])
def test_a_server_that_is_silent_for_an_hour(linking, fault):
    found, said, hosts = linking.ask("keep_time", "pool.ntp.org", [[0, fault], [3600, "none"]], 7300)
    failed, good = said
    assert harness.mentions(failed, "NTP", "no time", "pool.ntp.org") and harness.mentions(good, "NTP", "clock", "pool.ntp.org")
    assert 3600 <= found[0][0] <= 7200 and 5 < len(hosts) < 40, "asked less and less often"


# ---- names


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("192.0.2.1", True), ("0.0.0.0", True), ("255.255.255.255", True), ("256.1.1.1", False), ("1.1.1", False),
        ("1.1.1.1.1", False), ("1.1.1.", False), ("a.b.c.d", False), ("", False), ("1.1.1.+1", False), ("0001.1.1.1", False),
        ("pool.ntp.org", False),
    ],
)  # fmt: skip
def test_numeric_addresses(linking, text, is_one):
    assert linking.ask("is_address", text) is is_one


def name(text):
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def answer(*records, question="ntp.lab", flags=0x8180):
    head = struct.pack(">HHHHHH", 0, flags, 1, len(records), 0, 0)
    return (head + name(question) + b"\0\1\0\1" + b"".join(records)).hex()


def record(kind, data, owner=b"\xc0\x0c", cls=1):
    return owner + struct.pack(">HHIH", kind, cls, 60, len(data)) + data


A = record(1, bytes([192, 0, 2, 55]))


@pytest.mark.parametrize(
    ("records", "address"),
    [
        ((A,), "192.0.2.55"),
        ((A, record(1, bytes([192, 0, 2, 56]))), "192.0.2.55"),
        ((record(5, name("other.lab")), record(1, bytes([1, 2, 3, 4]), name("other.lab"))), "1.2.3.4"),
        ((record(28, bytes(16)), A), "192.0.2.55"),
        ((), ""),
        ((record(28, bytes(16)),), ""),
        ((record(1, bytes(16)),), ""),
    ],
)
def test_the_address_of_a_name(linking, records, address):
    found, questions = linking.ask("lookup", "ntp.lab", answer(*records))
    assert found == address
    assert bytes.fromhex(questions[0])[2:] == b"\1\0\0\1\0\0\0\0\0\0" + name("ntp.lab") + b"\0\1\0\1"


@pytest.mark.parametrize("text", ["", ".", "ntp.lab.", "192.0.2.7"])
def test_questions_are_well_formed(linking, text):
    _, questions = linking.ask("lookup", text, answer())
    assert bytes.fromhex(questions[0])[12:] == (name(text.strip(".")) if text.strip(".") else b"\0") + b"\0\1\0\1"


def test_no_answer_is_told_from_no_address(linking):
    assert linking.ask("lookup", "a", "")[0] is None
    assert linking.ask("lookup", "a", "00000180")[0] is None
    assert linking.ask("lookup", "a", answer(A, flags=0x0100))[0] is None, "no answer, but a question"
    assert linking.ask("lookup", "a", answer(flags=0x8183))[0] == ""
    assert linking.ask("lookup", "a", answer(A)[:-8])[0] == "", "cut off"


@given(rest=st.binary(max_size=60), count=st.integers(0, 65535))
@budget(max_examples=100)
def test_any_answer_to_a_name_is_survived(linking, rest, count):
    head = struct.pack(">HHHHHH", 0, 0x8180, count & 3, count, 0, 0)
    found = linking.ask("lookup", "a", (head + rest).hex())[0]
    assert found == "" or linking.ask("is_address", found)


# ---- over the real network


@pytest.fixture
def server():
    """A UDP server that answers with what it gets, reversed, or not at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(20)

        def run():
            while True:
                try:
                    data, peer = s.recvfrom(1000)
                except OSError:
                    return
                if data == b"over":
                    return
                if data != b"silence":
                    time.sleep(0.3)
                    s.sendto(data[::-1], peer)

        thread = threading.Thread(target=run)
        thread.start()
        yield s.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"over", s.getsockname())
        thread.join()


def test_others_go_on_while_one_waits(linking, server):
    found, turns = linking.ask("ask", "127.0.0.1", server, b"question".hex(), 100, 5000)
    assert bytes.fromhex(found) == b"noitseuq" and turns > 0
    found, turns = linking.ask("ask", "127.0.0.1", server, b"question".hex(), 4, 5000)
    assert bytes.fromhex(found) == b"noit", "what is too long is cut"


def test_nobody_answers(linking, server):
    found, turns = linking.ask("ask", "127.0.0.1", server, b"silence".hex(), 100, 300)
    assert found == "" and turns > 0
    # nothing listens there
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        free = s.getsockname()[1]
    assert linking.ask("ask", "127.0.0.1", free, "00", 100, 300)[0] == ""


# ---- set by SECoP


@given(st.datetimes(datetime.datetime(2025, 1, 1), datetime.datetime(2099, 12, 31)))
def test_every_time_of_a_calendar(linking, when):
    text = when.isoformat(timespec="milliseconds") + "Z"
    assert linking.ask("parse_time", text) == [calendar.timegm(when.timetuple()), when.microsecond // 1000]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-21T11:15:00Z", 0),
        ("2026-11-21T11:15:00.1Z", 100),
        ("2026-11-21T11:15:00.045999Z", 45),
        ("2026-11-21T11:15:00.Z", 0),
        ("2028-02-29T00:00:00Z", 0),
    ],
)
def test_times_that_are_taken(linking, text, ms):
    assert linking.ask("parse_time", text)[1] == ms


@pytest.mark.parametrize(
    "text",
    [
        "", "Z", "now", "2026-11-21", "2026-11-21T11:15:00", "2026-11-21 11:15:00Z", "2026-11-21T11:15:00+01:00",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-04-00T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T11:60:00Z", "2026-11-21T11:15:60Z", "2024-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
        "2026-11-21T11:15:00,5Z", "2026-11-21T11:15:00.5xZ", "2026-11-21T11:15:005Z", "1795261573", "²026-11-21T11:15:00Z",
    ],
)  # fmt: skip
def test_times_that_are_not(linking, text):
    with pytest.raises(Refused) as refused:
        linking.ask("parse_time", text)
    assert refused.value.kind == "RangeError"
