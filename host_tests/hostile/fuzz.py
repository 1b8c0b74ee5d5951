"""Feeds a node's session with mutated lines, inside MicroPython (or CPython), thousands a second.

    micropython fuzz.py IMAGE HOST CORPUS LINES SEED WAY        python3 fuzz.py IMAGE HOST CORPUS LINES SEED WAY SHIMS

WAY is the way in, tcp or serial. CORPUS is a file of good requests, a line each; a line that begins with "reset " brings the
node back to what it was, one that begins with "skip " names bytes that no line may hold, "broken " a specifier whose
InternalError is meant.

Every line has to get exactly one answer, of its own action, in JSON that is JSON, and none may be an InternalError. Every
few thousand lines the node is brought back to its first state, and its heap has to be what it was.
Ends with exit code 0 and a line of JSON, or 1 and the lines that were sent last (as hex, to be kept in seeds.txt).
"""

import inside  # isort: skip - makes the others possible
import asyncio
import gc
import json
import sys
import time

import stamp
from answers import EVENTS, LINE, data_begin, judge

import board
from secnode import log, message
from secnode.jsonvalue import parse

corpus, lines, seed, way = inside.words
_CASES = 500  # between two looks at the heap
_PATIENCE = 30000  # ms
_TOKENS = (
    b"null", b"true", b"NaN", b"1e400", b"-1e-400", b"1e39", b"0", b"-0", b"01", b"1.", b"9" * 40, b"16777217", b"2147483648",
    b"[", b"]", b"{", b"}", b'"', b"'", b",", b":", b" ", b"  ", b"\\", b"\r", b"\x00", b"\x03", b"\x1b", b"\x7f", b"\xff",
    b"[[[[[[[[[[[[", b'{"a":' * 12, b"{}", b"[]", b'""', b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\u0000"', b'"\\u009b"', b"\\u",
    "\u00b0".encode(), "\u20ac".encode(), b"\xf0\x9f\x98\x80", b"\xc2\x9b", b"\xc2", b"\xed\xa0\x80", b"\xc0\x80",
    b"value", b"target", b"status", b"_x", b"*IDN?", b"change", b"do", b"check", b"error_read", b"update", b"__init__",
    b"read ", b"change ", b"activate ", b"deactivate", b"logging ", b'"debug"', b"closest_valid", b"%s", b"%d", b"x" * 64,
)  # fmt: skip


class Dice:
    """The same numbers at every level."""

    def __init__(self, seed):
        self._x = seed & 0xFFFF or 1
        self._y = seed >> 16 & 0x7FFF

    def below(self, n):
        # two small generators: no number gets larger than 31 bits
        self._x = (self._x * 3877 + 29573) % 139968
        self._y = (self._y * 8121 + 28411) % 134456
        return (self._x * 5 + self._y * 7) % 1048573 % n


class Fuzz:
    """A stream that makes up what it gives, and looks at what it is told."""

    at_once = False
    framed = 0

    share = 64  # as a serial line has it

    def busy(self):
        return 0

    def __init__(self, good, resets, skips, broken):
        self._good = good
        self._resets = resets
        self._skips = skips
        self._broken = broken
        self._dice = Dice(int(seed))
        self._left = int(lines)
        self._sent = b""  # what was fed, of which there may be no answer yet
        self._place = 0
        self._resets_left = len(resets)
        self._due = []  # the lines that wait for an answer
        self._line = bytearray(2 * LINE)
        self._fill = 0
        self._cases = 0
        self.count = self.good_answers = 0
        self.failed = None  # why, and what was sent last
        self.heaps = [0] * (int(lines) // _CASES + 3)
        self.looks = 0

    def fail(self, why):
        if not self.failed:
            self.failed = why, self._sent

    # ---- what the session reads

    async def readinto(self, buf):
        if self._place == len(self._sent):
            begun = time.ticks_ms()
            while (self._due or self._fill) and not self.failed:
                await asyncio.sleep_ms(0)
                if time.ticks_diff(time.ticks_ms(), begun) > _PATIENCE:
                    self.fail("%d lines got no answer" % len(self._due))
                    return 0
            for _ in range(3):
                await asyncio.sleep_ms(0)  # were there one too many it would come now
            if self._cases % _CASES == 0 and not self._resets_left:
                self._look()  # also once before all
            if self.failed or (self._left <= 0 and not self._resets_left):
                return 0
            self._next()
        n = min(len(buf), len(self._sent) - self._place)
        if self._dice.below(4) == 0:
            n = 1 + self._dice.below(n)
        buf[:n] = self._sent[self._place : self._place + n]
        self._place += n
        return n

    def _next(self):
        if self._resets_left:
            self._resets_left -= 1
            self._sent = self._resets[-1 - self._resets_left] + b"\n"
        else:
            self._cases += 1
            if self._cases % _CASES == 0:
                self._resets_left = len(self._resets)
            try:
                made = self._make_some()
            except MemoryError:  # its own lines are longer than a node's
                gc.collect()
                made = b"ping"
            self._sent = made + (b"\r\n" if self._dice.below(3) == 0 else b"\n")
        self._place = 0
        self._due = self._sent.split(b"\n")[:-1]
        self.count += len(self._due)
        self._left -= len(self._due)

    def _make_some(self):
        made = []
        for _ in range(1 + self._dice.below(3)):
            line = self._make()
            for skip in self._skips:
                line = line.replace(skip, b"")
            # its error would look like the update of a parameter that failed
            made.append(b"x" + line if line.startswith(b"update") else line)
        return b"\n".join(made)

    def _look(self):
        gc.collect()
        self.heaps[self.looks] = gc.mem_alloc()
        self.looks += 1

    # ---- lines

    def _pick(self, choices):
        return choices[self._dice.below(len(choices))]

    def _make(self):
        below = self._dice.below
        kind = below(16)
        if kind == 0:
            return bytes([below(256) for _ in range(below(40))])
        line = self._pick(self._good)
        if kind in (1, 5):
            return line
        if kind == 2:
            other = self._pick(self._good)
            line = line[: below(len(line) + 1)] + other[below(len(other) + 1) :]
        if kind == 3:
            parts = line.split(b" ", 2)
            parts[below(len(parts))] = self._pick(_TOKENS)
            line = b" ".join(parts)
        if kind == 4:
            token = self._pick(_TOKENS)
            line = line + token * below(1600 // len(token))
            return line[: LINE + 4 - below(8)] if below(2) else line
        for _ in range(1 + below(4)):
            line = self._mutate(line)
        return line

    def _mutate(self, line):
        below = self._dice.below
        i = below(len(line) + 1)
        j = min(i + below(9), len(line))
        how = below(7)
        if how == 0:
            return line[:i] + line[j:]
        if how == 1:
            return line[:i] + bytes((below(256),)) + line[i + 1 :]
        if how == 2:
            return line[:i] + self._pick(_TOKENS) + line[i:]
        if how == 3:
            return line[:i] + self._pick(_TOKENS) + line[j:]
        if how == 4:
            return line[:j] + line[i:j] * below(4) + line[j:]
        if how == 5:
            number = "%d" % (below(20000) - 10000) if below(2) else "%de%d" % (below(2000) - 1000, below(80) - 40)
            return line[:i] + number.encode() + line[j:]
        return line[:j]

    # ---- what the session says

    def write(self, data):
        begin = 0
        data = bytes(data)
        while True:
            end = data.find(b"\n", begin)
            part = data[begin : end if end >= 0 else len(data)]
            n = max(min(len(part), len(self._line) - self._fill), 0)
            self._line[self._fill : self._fill + n] = part[:n]
            self._fill += len(part)
            if end < 0:
                return
            self._answer(bytes(self._line[: self._fill]), self._fill > len(self._line))
            self._fill = 0
            begin = end + 1

    def _answer(self, line, is_cut):
        if not line.startswith(EVENTS):
            if not self._due:
                return self.fail("an answer to nothing: %r" % line)
            wrong = judge(self._due[0], line, self._broken, way == "serial")
            if wrong:
                self.fail("%r does not answer %r: %s" % (line, self._due[0], wrong))
            if wrong is None:
                self._due.pop(0)
                self.good_answers += not line.startswith(b"error_")
        begin = data_begin(line)
        if is_cut or begin < 0:
            return
        # DEL is no control character of JSON
        text = line.replace(b"\x7f", b"?")
        if not message.is_text(text, 0, len(text)):
            return self.fail("%r is no text" % line)
        try:
            parse(memoryview(line), begin, len(line))
        except Exception as e:
            self.fail("%r is no JSON: %s" % (line, e))

    async def drain(self):
        await asyncio.sleep_ms(0)

    def close(self):
        pass

    async def wait_closed(self):
        pass


def read_corpus():
    good, resets, skips, broken = [], [], [], []
    with open(corpus, "rb") as f:
        for line in f:
            line = line[:-1]
            for word, found in ((b"reset ", resets), (b"skip ", skips), (b"broken ", broken), (b"", good)):
                if line.startswith(word):
                    found.append(line[len(word) :])
                    break
    return good, resets, skips, broken


def left_behind(heaps):
    """Whether something stays for good: each quarter holds more at its least than the one before at its most."""
    quarter = (len(heaps) - 1) // 4
    if not quarter:
        return False
    parts = [heaps[1 + i * quarter : 1 + (i + 1) * quarter] for i in range(4)]
    return all([min(parts[i + 1]) > max(parts[i]) for i in range(3)])


async def main():
    await node.start()
    session = node.add_serial_session() if way == "serial" else node.add_session()
    fuzz = Fuzz(*read_corpus())
    begin = time.ticks_ms()
    try:
        await session.serve(fuzz)
    except asyncio.CancelledError:
        fuzz.fail("the session ended")
    took = time.ticks_diff(time.ticks_ms(), begin) / 1000
    heaps = fuzz.heaps[: fuzz.looks]
    if left_behind(heaps):
        fuzz.fail("something is left behind on the heap: %s" % heaps)
    if tracebacks:
        sys.print_exception(tracebacks[0])
        fuzz.fail("%d tracebacks" % len(tracebacks))
    if fuzz.failed:
        print("FAILED after %d lines, seed %s: %s" % (fuzz.count, seed, fuzz.failed[0]))
        for c in fuzz.failed[1]:
            print("%02x" % c, end="")
        print()
        return 1
    found = {"lines": fuzz.count, "good": fuzz.good_answers, "seconds": took, "heap": [min(heaps), max(heaps), heaps[-1]]}
    print(json.dumps(found))
    return 0


tracebacks = []
log.sinks[:] = []
log.traceback = lambda module, e: isinstance(e, ZeroDivisionError) or tracebacks.append(e)  # bench breaks so on purpose

node = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)
node.open(stamp.FINGERPRINT)
gc.collect()
gc.threshold(gc.mem_free() // 4)
sys.exit(asyncio.run(main()))
