"""What is written to lwIP finds room there, whatever is acknowledged and when (firmware/transport/room.py)."""

import importlib.util
import random
import sys
import types

import pytest

from tools import paths

HEAP = 8000  # as MicroPython builds it for port rp2
SEGMENTS = 32  # of all
PIECES = 32  # of each connection
MSS = 536
HEADERS = 98  # bytes beside the data of a segment that begins, and of a piece that is added to one
ADDED = 24


class Lwip:
    """Its memory as tcp_write() fills it: what waits is sent at once, a segment each, or goes to the end of one that waits."""

    def __init__(self, sends):
        self.sends = sends  # a function that says whether what is written next leaves at once
        self.pieces = []  # [whose, bytes taken, bytes in the segment with it]

    def fits(self, n):
        return self.free() >= n + HEADERS

    def free(self):
        return HEAP - sum(taken for _, taken, _ in self.pieces)

    def write(self, client, n):
        mine = [piece for piece in self.pieces if piece[0] is client]
        length = MSS if not mine or self.sends() else mine[-1][2]
        while n > 0:
            begins = length == MSS
            if begins:
                length = 0
            size = min(n, MSS - length)
            length += size
            n -= size
            self.pieces.append([client, max(size, 4) + (HEADERS if begins else ADDED), length])
        assert self.free() >= 0
        assert self.count() <= SEGMENTS
        assert len([piece for piece in self.pieces if piece[0] is client]) < PIECES

    def count(self):
        return sum(taken == max(length, 4) + HEADERS for _, taken, length in self.pieces)


class Client:
    mark = turn = era = 0


class Clock:
    """`time` as a board has it."""

    now = 0

    def ticks_ms(self):
        return self.now

    @staticmethod
    def ticks_diff(a, b):
        return a - b


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def of_room(monkeypatch, clock):
    """The class Room."""
    monkeypatch.setitem(sys.modules, "micropython", types.SimpleNamespace(const=int))
    monkeypatch.setitem(sys.modules, "secnode", types.SimpleNamespace(log=types.SimpleNamespace(info=lambda *_: None)))
    spec = importlib.util.spec_from_file_location("room", paths.FIRMWARE / "transport" / "room.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.time = clock
    return module.Room


class Network:
    """Clients that take what they are sent after `ms`; those with None never do."""

    def __init__(self, of_room, clock, *ms):
        self.lwip = Lwip(lambda: True)
        self.room = of_room(self.lwip.fits)
        self.clock = clock
        self.clients = {Client(): n for n in ms}
        self.under_way = []  # [when, whose, bytes]
        self.taken = dict.fromkeys(self.clients, 0)
        self.longest = dict.fromkeys(self.clients, 0)  # ms without room
        self.since = dict.fromkeys(self.clients, 0)
        self.ended = {}

    def run(self, ms, wants):
        """Each client wants to be sent wants() bytes every 10 ms."""
        for _ in range(ms // 10):
            self.clock.now += 10
            while self.under_way and self.under_way[0][0] <= self.clock.now:
                _, client, n = self.under_way.pop(0)
                self.taken[client] += n
                if not any(whose is client for _, whose, _ in self.under_way):
                    self.lwip.pieces = [piece for piece in self.lwip.pieces if piece[0] is not client]
            for client, answers in self.clients.items():
                if client in self.ended:
                    continue
                try:
                    n = self.room.of(client, wants())
                except OSError:
                    self.ended[client] = self.clock.now
                    self.room.forget(client)
                    self.lwip.pieces = [piece for piece in self.lwip.pieces if piece[0] is not client]
                    continue
                if n:
                    self.lwip.write(client, n)
                    self.since[client] = self.clock.now
                    if answers is not None:
                        self.under_way.append((self.clock.now + answers, client, n))
                        self.under_way.sort(key=lambda item: item[0])
                self.longest[client] = max(self.longest[client], self.clock.now - self.since[client])


def test_what_is_written_finds_room(of_room, clock):
    for seed in range(300):
        chance = random.Random(seed)
        often = chance.random()
        lwip = Lwip(lambda: chance.random() < often)  # noqa: B023 - used in this round alone
        room = of_room(lwip.fits)
        clients = [Client() for _ in range(chance.choice((1, 2, 3)))]
        shortest, longest = chance.choice(((2, 2), (2, 20), (12, 100), (12, 512), (12, 1024)))
        written = 0
        for _ in range(400):
            clock.now += chance.choice((0, 1, 5, 100))
            client = chance.choice(clients)
            try:
                n = room.of(client, chance.randint(shortest, longest))
            except OSError:
                continue
            if n:
                lwip.write(client, n)
                written += n
            if seed % 2 and chance.random() < 0.2 and lwip.pieces:
                lwip.pieces.pop(0)
        assert written >= 9 * shortest


@pytest.mark.parametrize("deaf", [1, 2, 3, 4])
@pytest.mark.parametrize("listening", [1, 3])
@pytest.mark.parametrize("answers", [0, 5, 40, 300])
def test_who_listens_goes_on_beside_those_who_fell_asleep(of_room, clock, deaf, listening, answers):
    network = Network(of_room, clock, *[None] * deaf, *[answers] * listening)
    chance = random.Random(deaf)
    network.run(60000, lambda: chance.randint(1, 512))
    assert not network.ended
    for client, ms in network.clients.items():
        if ms is not None:
            assert network.longest[client] <= 300 * deaf + 20 * answers + 100
            assert network.taken[client] > 10000


def test_all_share_it_where_all_listen(of_room, clock):
    network = Network(of_room, clock, 50, 50, 50)
    network.run(10000, lambda: 512)
    shares = sorted(network.taken.values())
    assert shares[0] > 100000
    assert shares[0] > shares[-1] / 2


def test_one_asleep_by_itself_is_not_ended(of_room, clock):
    network = Network(of_room, clock, None)
    network.run(60000, lambda: 300)
    assert not network.ended


def test_a_standstill_ends_the_one_that_waits_for_longest(of_room, clock):
    network = Network(of_room, clock, None, None, None)
    network.run(15000, lambda: 300)
    assert len(network.ended) == 1
    assert 10000 <= min(network.ended.values()) <= 14000
