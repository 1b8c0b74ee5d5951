"""Clients come, go, activate and drive for a while, and the node stays as it was: `make soak MINUTES=30`."""

import contextlib
import random
import re
import statistics
import threading
import time

from host_tests import harness

_PERIOD = 200  # ms, of the heater's control
_LOOK = 2.0  # s
_CLIENTS = 3  # beside the one that looks
_WORDS = (
    "*IDN?", "describe", "activate", "activate ticker", "deactivate", "deactivate heater", "ping 1", "read ticker",
    "read heater",
    "read heater:status", "change heater:target 30", "change heater:target 45.5", "change heater:target 500", "do heater:stop",
    "check heater:target 40", "check heater:target -3", "change heater:_maxheaterpower 60", "change values:_int 5",
    "change values:_int 1.5", 'change values:_text ""', "change values:_array [1, 2.5, 3]", "change values:_array []",
    'change values:_text "%s"' % (880 * "t"), "do values:_sum [1, 2, 3]", "do values:_sum [", "logging heater \"debug\"",
    'logging  "off"', "read no:body", "rubbish", "", "x" * 1500, "do heater:clear_errors",
)  # fmt: skip

_REST = (
    "change heater:target 30", "change heater:_maxheaterpower 50", "change values:_int 0", "change values:_double 0",
    'change values:_text ""', "change values:_array []",
)  # fmt: skip


class Trouble(Exception):
    """What must not be."""


class Stalls(threading.Thread):
    """How often the machine itself stood still, or let a process wait for a processor: what is late then is no node's fault."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.count = 0
        self.on = True
        self._file = f"/proc/{pid}/schedstat"  # ns computed, ns waited, times

    def run(self):
        waited = self._waited()
        while self.on:
            before = time.monotonic()
            time.sleep(0.02)
            late = time.monotonic() - before > 0.02 + _PERIOD / 4000
            last, waited = waited, self._waited()
            self.count += late or waited - last > _PERIOD / 4 * 1e6

    def _waited(self):
        try:
            with open(self._file) as f:
                return int(f.read().split()[1])
        except (OSError, IndexError):  # a kernel that does not count it
            return 0


requests = []


def live(node, dice, go_on, troubles):
    """One client after the other: each does some things, well or badly, and leaves in some way."""
    while go_on():
        try:
            with node.connect() as wire:
                for _ in range(dice.randrange(1, 60)):
                    sent = dice.choice(_WORDS)
                    wire.send(sent)
                    requests.append(1)
                    answer = wire.line()
                    while answer.startswith(("update ", "error_update ", "log ")):
                        answer = wire.line()
                    if '"InternalError"' in answer:
                        troubles.append(answer)
                    for _ in range(10 * (not sent)):
                        wire.line()
                    if not go_on():
                        break
                    if dice.random() < 0.1:
                        time.sleep(dice.random() * 0.3)
                if dice.random() < 0.3:
                    wire.socket.sendall(b"describe\n" * dice.randrange(20) + b"half a li")
        except (EOFError, ConnectionError):
            pass  # no place just now
        except TimeoutError as e:
            troubles.append(f"no answer: {e!r}")
        time.sleep(dice.random() * 0.1)


class Looks:
    """A client that looks into the node."""

    def __init__(self, node):
        self._node = node
        self._wire = node.connect()
        self._begun = time.monotonic()
        self.seen = []  # (minutes, bytes in use, largest free block in bytes)
        self.periods = self.longest = self.missed = 0
        # what grows with the longest line has grown then
        for line in _WORDS:
            if line not in ("", "activate"):
                self.ask(line)
        self.rest()
        self.ask("do heater:_periods")

    def ask(self, request):
        line = self._wire.ask(request)
        return None if line.startswith(("error_", "ISSE", "active", "inactive")) else harness.split(line)[2]

    def rest(self):
        """As at the start, so that bytes in use can be compared."""
        for line in _REST:
            self.ask(line)

    def look(self):
        """Note how it is now."""
        used, _ = self.ask("do heap:_used")
        free = re.findall(r"max free sz: (\d+)", self._node.log[-2000:])
        block = 32 if self._node.level == "micropython" else 16
        self.seen.append(((time.monotonic() - self._begun) / 60, used, int(free[-1]) * block))
        periods, _ = self.ask("do heater:_periods")
        self.periods += len(periods)
        self.longest = max(self.longest, *periods)
        self.missed += sum(period >= 2 * _PERIOD for period in periods)

    def used(self):
        """Bytes in use at some moments, when all the others have left."""
        self.rest()
        time.sleep(0.5)
        found = []
        for _ in range(4):
            # what asyncio and the collector still hold of a client goes with the next one
            for _ in range(2):
                with contextlib.suppress(EOFError, ConnectionError), self._node.connect() as wire:
                    wire.ask("ping x")
            time.sleep(0.05)
            found.append(self.ask("do heap:_used")[0])
        return found

    def flat(self, name, column):
        """Print how something went, and give its values of the first and of the last third."""
        values = [look[column] for look in self.seen]
        slope = statistics.linear_regression([look[0] for look in self.seen], values).slope
        print(f"{name:20} {min(values)} to {max(values)} bytes, slope {slope:+.0f} a minute, last {values[-1]}", flush=True)
        third = max(len(values) // 3, 1)
        return values[:third], values[-third:]


def clients(node, looks, seconds, seed, troubles):
    """Let clients live for a while; gives when all have left."""
    end = time.monotonic() + seconds
    lives = [
        threading.Thread(target=live, args=(node, random.Random(seed + i), lambda: time.monotonic() < end, troubles))
        for i in range(_CLIENTS)
    ]
    for one in lives:
        one.start()
    while time.monotonic() < end:
        time.sleep(min(_LOOK, max(end - time.monotonic(), 0.01)))
        looks.look()
    for one in lives:
        one.join()


def soak(level, minutes, seed=1):
    """Print what was seen. Raises Trouble."""
    node = harness.NodeProcess(level, harness.NODES / "watched.py", clients=_CLIENTS + 1)
    troubles = []
    stalls = Stalls(node.process.pid)
    stalls.start()
    try:
        looks = Looks(node)
        clients(node, looks, min(6 * minutes, 30), seed, troubles)
        before = looks.used()
        looks.seen.clear()
        clients(node, looks, minutes * 60, seed + 100, troubles)
        deadline = time.monotonic() + 40  # s: one that takes nothing is given up after 20
        while min(after := looks.used()) > max(before) and time.monotonic() < deadline:
            pass
    finally:
        stalls.on = False
        node.stop()
    if min(after) > max(before):
        troubles.append("something is left behind")
    first, last = looks.flat("heap in use", 1)
    if min(last) > max(first):
        troubles.append("the heap grows")
    first, last = looks.flat("largest free block", 2)
    if max(last) < min(first) * 0.9:
        troubles.append("the largest free block shrinks")
    print(f"requests             {len(requests)}")
    print(f"without clients      {min(before)} to {max(before)} bytes before, {min(after)} to {max(after)} after")
    print(f"control periods      {looks.periods}, the longest {looks.longest} ms; the machine stood still {stalls.count} times")
    if looks.missed > stalls.count:
        troubles.append(f"{looks.missed} control periods were missed")
    troubles += re.findall(r"^.*(?:Error|Traceback|heater off).*$", node.log, re.M)
    if troubles:
        raise Trouble("\n".join(troubles[:20]))


def add_arguments(parser):
    parser.add_argument("--minutes", type=float, default=30, help="(%(default)s)")
    parser.add_argument("--level", default="board-like", choices=("micropython", *harness.HEAPS), help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other clients (%(default)s)")


def main(args):
    try:
        soak(args.level, args.minutes, args.seed)
    except Trouble as e:
        print(e)
        return 1
    return 0
