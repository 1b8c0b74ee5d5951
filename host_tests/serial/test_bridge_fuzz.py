"""Mutated lines of several clients at once, while one reads all the time: each is answered, and nobody hears what is not so."""

import random
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host_tests.harness import split
from host_tests.hostile import corpus, test_fuzz
from host_tests.hostile.answers import EVENTS, judge
from host_tests.serial import bridged

bridges = bridged.bridges
own_bridge = bridged.own_bridge


class Fuzzer(threading.Thread):
    """A client that sends mutated lines, and looks at each answer. `wrong` says what was found."""

    def __init__(self, bridge, seed, count):
        super().__init__(daemon=True)
        self._wire = bridge.connect(timeout=60)
        self._random = random.Random(seed)
        self._good = [line.encode() for line in corpus.requests(bridged.BENCH)[0]]
        self._count = count
        self.wrong = ""

    def _made(self):
        pick = self._random
        line = pick.choice(self._good)
        for _ in range(pick.choice((0, 0, 1, 1, 2, 4))):
            i = pick.randrange(len(line) + 1)
            j = min(len(line), i + pick.randrange(9))
            line = line[:i] + pick.choice((b"", pick.randbytes(1), pick.choice(TOKENS), line[i:j] * 3)) + line[j:]
        line = line.replace(b"\n", b"").replace(b"slow", b"")
        # its error would look like an event; and that one ends what the other clients are to hear
        return line.removeprefix(b"update").removeprefix(b"error_update")

    def run(self):
        try:
            self._wire.ask("*IDN?")
            for _ in range(self._count):
                asked = [self._made() for _ in range(self._random.randrange(1, 5))]
                self._wire.socket.sendall(b"".join(line + b"\n" for line in asked))
                for one in asked:
                    self._answer(one)
        except Exception as e:
            self.wrong = self.wrong or f"{type(e).__name__}: {e}"
        finally:
            self._wire.close()

    def _answer(self, asked):
        wrong = ""
        while wrong == "":
            answer = self._wire.line(60).encode()
            if not answer.startswith(EVENTS):
                wrong = judge(asked, answer, test_fuzz.BROKEN)
                if wrong:
                    self.wrong = f"{answer!r} does not answer {asked!r}: {wrong}"
                    raise ValueError


TOKENS = [
    b"update ",
    b"error_update ",
    b"closed",
    b"inactive",
    b"reply ",
    b"pong ",
    b"*IDN?",
    b"HTTP/1.1",
    b" HTTP/1.1",
    b"\x16\x03",
    b"\x03",
    b"\r",
    b"NaN",
    b"1e400",
    400 * b"9",
    12 * b"[",
    600 * b"[",
    12 * b'{"a":',
    b"\xff",
    b"\xc2\x9b",
    b"\xf0\x9f\x98\x80",
    b'"',
    b":",
    b"  ",
    b"{}",
    b"logging ",
    b"activate",
    b"deactivate",
    b"help",
    b'"debug"',
    b"gate",
    b"ticker",
    b"error_",
    b"log ",
    1100 * b"x",
    5000 * b"x",
]


def test_fuzz_of_many_clients_while_one_reads(own_bridge):
    bridge = own_bridge(bridged.BENCH, baudrate=921600)
    with bridge.connect(timeout=60) as reader, bridge.connect(timeout=60) as listener:
        listener.send("activate")
        listener.until("active")
        fuzzers = [Fuzzer(bridge, seed, 150) for seed in range(4)]
        for fuzzer in fuzzers:
            fuzzer.start()
        reads = 0
        while any(fuzzer.is_alive() for fuzzer in fuzzers):
            assert reader.ask("read gate:value", timeout=60).startswith("reply gate:value ")
            reads += 1
        assert not [fuzzer.wrong for fuzzer in fuzzers if fuzzer.wrong]
        assert reads > 20
        # what others did was told as the node told it: no error that a read does not give, and the same values
        listener.send("ping end")
        listener.until("pong end", timeout=60)
        for specifier in ("gate:target", "types:_int", "types:_text", "calc:_double", "motor:status"):
            reader.send("activate " + specifier)
            _, told = reader.until("active " + specifier)
            kept = [split(line) for line in told if split(line)[1] == specifier]
            answer = split(reader.ask("read " + specifier))
            for action, _, data in kept:
                assert (action == "error_update") == (answer[0] == "error_read") and data[0] == answer[2][0], (kept, answer)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_grammar_and_what_is_beside_it(answers, data):
    requests = b"".join(data.draw(test_fuzz.lines("bench")) + data.draw(st.sampled_from([b"\n", b"\r\n"])) for _ in range(3))
    answers.check(requests, data.draw(st.lists(st.integers(1, len(requests)), max_size=3)))


@pytest.fixture(scope="module")
def answers(bridges):
    found = test_fuzz.Answers(bridges(bridged.BENCH))
    yield found
    found.close()
