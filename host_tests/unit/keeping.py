"""settings.py over disks that lose power, answering at a level (see ../properties/driver.py).

A Disk counts every step: a byte that is written, a file made, closed, renamed or removed. `Flash` is a board's: blocks in
RAM below MicroPython's own file systems.
"""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import builtins
import os

import driver  # puts the firmware on the path
from coded import to_bytes, to_hex

import settings
from modules import resuming
from secnode import log, pace
from secnode.datainfo import Double
from secnode.module import Parameter

PERIOD = 1 << 30  # of the ticks
OLD, NEW, BAD = "settings.json", "settings.new", "settings.bad"


class PowerCut(BaseException):
    """Nothing catches it."""


class Power:
    """Steps that are left until the power is cut; None for no end."""

    left = None
    steps = 0

    def step(self):
        if self.left == 0:
            raise PowerCut()
        if self.left is not None:
            self.left -= 1
        self.steps += 1


class Disk(Power):
    """Stands in for `os` and `open`. How it renames over a file that is there:

    "atomic": in one step; "two steps": removes the other file first; "refuses": EEXIST
    What was not synced when the power is cut is `tail`: "kept", "lost" or "rubbish".
    """

    def __init__(self, rename, tail="kept"):
        self.files = {}
        self.synced = {}
        self.how = rename
        self.tail = tail
        self.broken = ()  # names of files that can't be read, written or renamed
        self.writes = []  # the sizes of the files that were written
        settings.os = self
        settings.open = self.open

    def need(self, name):
        if name in self.broken:
            raise OSError(5)
        if name not in self.files:
            raise OSError(2)

    def open(self, name, mode):
        if mode == "rb":
            self.need(name)
            return File(self, name, False)
        if name in self.broken:
            raise OSError(28)
        self.step()
        self.files[name] = b""
        self.synced.pop(name, None)
        return File(self, name, True)

    def stat(self, name):
        if name in self.broken:
            return (0,) * 10
        self.need(name)
        return (0, 0, 0, 0, 0, 0, len(self.files[name]), 0, 0, 0)

    def remove(self, name):
        self.need(name)
        self.step()
        del self.files[name]

    def rename(self, name, other):
        self.need(name)
        if other in self.files:
            if self.how == "refuses":
                raise OSError(17)
            if self.how == "two steps":
                self.remove(other)
        self.step()
        self.files[other] = self.files.pop(name)
        if name in self.synced:
            self.synced[other] = self.synced.pop(name)
        else:
            self.synced.pop(other, None)

    def sync(self):
        self.step()
        self.synced = dict(self.files)

    def cut(self):
        """What is left after a power cut."""
        self.left = None
        for name, content in self.files.items():
            if self.synced.get(name) != content:
                if self.tail == "lost":
                    self.files[name] = b""
                elif self.tail == "rubbish":
                    self.files[name] = content[: len(content) // 2] + b"\xff" * (len(content) - len(content) // 2)
        self.synced = dict(self.files)


class File:
    def __init__(self, disk, name, writing):
        self.disk, self.name, self.writing = disk, name, writing
        self.at = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.writing and kind is None:
            self.disk.step()
            self.disk.writes.append(len(self.disk.files[self.name]))

    def read(self, n=-1):
        content = self.disk.files[self.name][self.at :]
        content = content if n < 0 else content[:n]
        self.at += len(content)
        return content

    def write(self, data):
        for i in range(len(data)):
            self.disk.step()
            self.disk.files[self.name] += data[i : i + 1]

    def flush(self):
        pass


class Said:
    """What is logged."""

    def __init__(self):
        self.lines = []
        log.sinks[:] = [lambda level, module, text: self.lines.append(text)]


def store(s, sections):
    for section, values in sections.items():
        for name, value in values.items():
            s.set(section, name, value)


def start(expected):
    """What a start finds, or why that can't be."""
    found = settings.Settings(OLD).sections
    return found if found in expected else f"found {found}"


def cuts(rename, tail, states, twice=False):
    """Cut the power at every step of the save from each state to the next, and (`twice`) at every one of the start after.

    Gives [cuts, how many starts had the old values, how many the new ones].
    """
    said = Said()
    before = {}
    count = [0, 0, 0]
    disk = Disk(rename, tail)
    for state in states:
        old, n = dict(disk.files), 0
        while True:
            disk.files, disk.synced = dict(old), dict(old)
            s = settings.Settings(OLD)
            store(s, state)
            disk.left = n
            try:
                s.save_now()
                ended = True
            except PowerCut:
                ended = False
            disk.cut()
            left = dict(disk.files)
            m = 0 if twice else None
            while True:
                # the start itself may be cut as well
                disk.files, disk.synced = dict(left), dict(left)
                disk.left = m
                try:
                    settings.Settings(OLD)
                    done = True
                except PowerCut:
                    done = False
                disk.cut()
                for _ in range(2):
                    found = start((before, state))
                    assert not isinstance(found, str), f"{rename} step {n}, {m}: {found}"
                    assert not ended or found == state, "a save that was completed is lost"
                count[0] += 1
                count[2 if found == state else 1] += 1
                assert said.lines == [], said.lines
                assert BAD not in disk.files
                if done:
                    break
                m += 1
            if ended:
                break
            n += 1
        before = state
    return count


def copies(text, size):
    """Every start of a settings.json that was cut to `size` bytes, with settings.new whole: [values, files]."""
    said = Said()
    disk = Disk("atomic")
    content = to_bytes(text)
    disk.files = {OLD: content[:size]}
    s = settings.Settings(OLD)
    return [s.sections, sorted(disk.files), said.lines]


def load(files, broken=(), rename="atomic"):
    """A start with these files (name -> hex): [values, files after (name -> hex), what was logged]."""
    said = Said()
    disk = Disk(rename)
    disk.files = {name: to_bytes(content) for name, content in files.items()}
    disk.synced = dict(disk.files)
    disk.broken = broken
    s = settings.Settings(OLD)
    return [s.sections, {name: to_hex(content) for name, content in disk.files.items()}, said.lines]


def pattern(value, size):
    """As `load` for a file of `size` bytes that are all `value`, without sending them."""
    return load({OLD: to_hex(bytes([value]) * size)})


def save(values, broken=(), before=None):
    """[section, name, value as JSON], ... set and saved: [whether written, the file, what was logged, whether found]."""
    said = Said()
    disk = Disk("atomic")
    if before:
        disk.files[OLD] = to_bytes(before)
    s = settings.Settings(OLD)
    for section, name, value in values:
        s.set(driver._parse(to_bytes(section)), driver._parse(to_bytes(name)), driver._parse(to_bytes(value)))
    disk.broken = broken
    written = [s.save_now(), s.save_now()]
    disk.broken = ()
    return [written, to_hex(disk.files.get(OLD, b"")), said.lines, settings.Settings(OLD).sections == s.sections]


def refused(kind):
    """What `set` says to a value that has no form in JSON."""
    value = {"inf": float("inf"), "nan": float("nan"), "bytes": b"x", "key": {1: 2}, "set": {1}, "object": settings}.get(kind)
    if kind == "deep":
        value = 1
        for _ in range(9):
            value = [value]
    s = settings.Settings(OLD)
    s.set("a", kind, [value])


def again():
    """Values are copies, tuples are lists, and None forgets."""
    disk = Disk("atomic")
    s = settings.Settings(OLD)
    value = [1, 2]
    s.set("a", "b", value)
    value.append(3)
    s.set("a", "c", (1, (2.5, "x")))
    s.set("d", "e", True)
    found = [s.get("a", "b"), s.get("a", "c"), s.get("a", "x"), s.get("x", "b", 7)]
    s.set("d", "e", None)
    s.set("a", "nothing", None)
    s.save_now()
    return found + [str(disk.files[OLD], "utf-8")]


class Ticks:
    """Takes the clock from `pace`."""

    now = PERIOD - 5000

    def __enter__(self):
        self.real = pace.ticks_ms, pace.ticks_diff
        pace.ticks_ms = lambda: self.now
        pace.ticks_diff = lambda a, b: ((a - b + PERIOD // 2) % PERIOD) - PERIOD // 2
        return self

    def __exit__(self, *_):
        pace.ticks_ms, pace.ticks_diff = self.real


def frequency(changes, seconds, fail=()):
    """When flash is written, in s, if a value changes at the seconds `changes`; saves fail at the seconds `fail`."""
    said = Said()
    disk = Disk("atomic")
    found = []
    with Ticks() as ticks:
        s = settings.Settings(OLD)
        changes = set(changes)
        for second in range(seconds):
            if second in changes:
                s.set("a", "b", second)
            disk.broken = (NEW,) if second in fail else ()
            if s.save_if_due():
                found.append(second)
            ticks.now = (ticks.now + 1000) % PERIOD
    assert len(disk.writes) == len(found)
    return [found, said.lines]


def back_and_forth(seconds):
    """How often flash is written if a value changes and is the old one again at once."""
    disk = Disk("atomic")
    with Ticks() as ticks:
        s = settings.Settings(OLD)
        s.set("a", "b", 1)
        s.save_now()
        for _ in range(seconds):
            s.set("a", "b", 2)
            s.set("a", "b", 1)
            s.save_if_due()
            ticks.now = (ticks.now + 1000) % PERIOD
    return len(disk.writes)


# ---- what keeps a heater from being resumed


class Node:
    lost_power = True
    started = "power on"

    def announce(self, a):
        pass


class Calls:
    @staticmethod
    def judge(a, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value > 120:
            raise ValueError("no target")
        return value


resuming.calls = Calls


class Accessible:
    class definition:
        keep = True

        class datainfo:
            export = tuple

    act = None
    name = "_allowed_range"


class Oven:
    """What modules.resuming needs of one, over the Settings `s`."""

    _allowed_range = (-10, 130)
    offset = 0

    class sensor:
        def read():
            return 25

    def __init__(self, s, name="heater"):
        self.name = name
        self.accessibles = {"target": Accessible(), "_allowed_range": Accessible()}
        self.node = Node()
        self.node.store = s
        self.active = False
        self.target = self.status = None
        self.resuming = resuming.Resuming(self)
        finish(self.resuming.begin())

    def write_target(self, value):
        self.target = value
        self.active = True

    def off(self):
        self.active = False
        self.resuming.keep(None)

    def keep(self, value):
        """As a request does it, until its answer leaves."""
        self.resuming.keep(value)
        finish(self.resuming.wait())


def keeps():
    """Of two ovens that share a Parameter, one that resumes: whether what each has of it is kept."""
    shared = Parameter(Double(0, 100), "most power", readonly=False)
    ovens = [object.__new__(Oven) for _ in range(2)]
    for oven in ovens:
        oven.name = "heater"
        oven.accessibles = {"_maxheaterpower": Accessible()}
        oven.accessibles["_maxheaterpower"].definition = shared
    resuming.Resuming(ovens[0])
    own, other = [oven.accessibles["_maxheaterpower"].definition for oven in ovens]
    return [own.keep, other.keep, own.like is shared, own.datainfo is shared.datainfo, own.readonly]


def finish(coroutine):
    """Run what sleeps now and then to its end."""
    try:
        while coroutine:
            coroutine.send(None)
    except StopIteration:
        pass


class Asleep:
    """Has nobody wait in `pace`."""

    def __enter__(self):
        self.real = pace.sleep_ms
        pace.sleep_ms = self.sleep
        return self

    def __exit__(self, *_):
        pace.sleep_ms = self.real

    async def sleep(self, ms):
        pass


def off_cuts(rename, tail):
    """Cut the power at every step of what keeps a heater from being resumed: [cuts, starts that resumed, that did not].

    A start that resumes after the answer fails, and so does one that resumes at more than was allowed.
    """
    Said()
    count = [0, 0, 0]

    def narrower(oven):
        finish(oven.accessibles["_allowed_range"].act((-10, 30)))

    def again(oven):
        oven.keep(40)
        oven.keep(20)

    ways = [lambda oven: oven.keep(None), lambda oven: oven.keep(40), again, narrower]
    with Asleep():
        for way in ways:
            for pending in (False, True):
                n = 0
                ended = False
                while not ended:
                    disk = Disk(rename, tail)
                    s = settings.Settings(OLD)
                    store(s, {"heater": {"resume": 60}, "other": {"a": 1}})
                    s.save_now()
                    oven = Oven(settings.Settings(OLD))
                    assert oven.target == 60 and oven.status is None
                    if pending:
                        store(oven.node.store, {"heater": {"_p": 5}, "x": {"y": 1}})
                    disk.left = n
                    try:
                        way(oven)
                        ended = True
                    except PowerCut:
                        pass
                    disk.cut()
                    s = settings.Settings(OLD)
                    after = Oven(s)
                    count[0] += 1
                    count[1 if after.target else 2] += 1
                    most = {0: None, 1: 40, 2: 20, 3: 60}[ways.index(way)]
                    if ended:
                        if way is narrower:
                            assert s.get("heater", "_allowed_range") == [-10, 30]
                        assert after.target is None or (most and after.target <= most), (ways.index(way), n, after.target)
                    else:
                        assert after.target in (None, 60, 40, 20)
                    n += 1
    return count


def flash_off_cuts(name, options, stride=1):
    """As `off_cuts` with `control_off` on a file system of MicroPython's, at every byte that it writes and every erasure."""
    fs, size = system(name)
    Flash.options = options
    Said()
    blocks = 64 if name == "fat" else 16
    count = [0, 0, 0]
    path = "/flash/" + OLD
    flash = Flash(blocks, size)
    fs.mkfs(flash, **flash.options)
    mount(flash, fs)
    s = settings.Settings(path)
    store(s, {"heater": {"resume": 60}, "x": {"text": "x" * 700}})
    s.save_now()
    with Asleep():
        oven = Oven(settings.Settings(path))
        before = flash.data
        n, ended = 0, False
        while not ended:
            flash = Flash(blocks, size, before)
            flash.whole = name == "fat"
            mount(flash, fs)
            oven = Oven(settings.Settings(path))
            flash.left = n
            try:
                oven.keep(None)
                ended = True
            except PowerCut:
                pass
            left = flash.data
            flash.die()
            flash = Flash(blocks, size, left)
            mount(flash, fs)
            after = Oven(settings.Settings(path))
            assert after.target is None or not ended, n
            assert after.target in (None, 60)
            count[0] += 1
            count[1 if after.target else 2] += 1
            n += stride
    mount(None, fs)
    return count


def off_writes(values, seconds, each=1000):
    """Flash writes at once, and in all, if the target is set to each of `values` in turn, one every `each` ms."""
    Said()
    disk = Disk("atomic")
    at_once = 0
    with Ticks() as ticks, Asleep():
        oven = Oven(settings.Settings(OLD))
        s = oven.node.store
        for i in range(seconds * 1000 // each):
            before = len(disk.writes)
            oven.keep(values[i % len(values)])
            at_once += len(disk.writes) - before
            assert oven.resuming.flash is None or (values[i % len(values)] or 0) >= oven.resuming.flash
            ticks.now = (ticks.now + each) % PERIOD
            s.save_if_due()
    return [at_once, len(disk.writes)]


def no_flash():
    """What a start says and does where flash can't be written; and the next one, where it can again."""
    said = Said()
    disk = Disk("atomic")
    s = settings.Settings(OLD)
    s.set("heater", "resume", 60)
    s.save_now()
    disk.broken = (NEW,)
    with Asleep():
        oven = Oven(settings.Settings(OLD))
        found = [oven.target, oven.status[1]]
        writes = len(disk.writes)
        for _ in range(5):
            oven.keep(60)
            oven.keep(None)
        assert len(disk.writes) == writes
        disk.broken = ()
        oven.node.store.save_now()
        found.append(Oven(settings.Settings(OLD)).target)
    return found + [said.lines]


def rubbish(value):
    """What a start makes of a target that is none: [target, words, what is kept then]."""
    said = Said()
    Disk("atomic")
    s = settings.Settings(OLD)
    s.set("heater", "resume", driver._parse(to_bytes(value)))
    s.set("heater", "resumed", driver._parse(to_bytes(value)))
    s.save_now()
    with Asleep():
        oven = Oven(settings.Settings(OLD))
    return [oven.target, said.lines, oven.node.store.get("heater", "resume")]


def two_heaters():
    """Two are switched off at the same time: one write. A third one's values that wait go with it."""
    disk = Disk("atomic")
    s = settings.Settings(OLD)
    store(s, {"one": {"resume": 60}, "two": {"resume": 70}})
    s.save_now()
    with Asleep():
        s = settings.Settings(OLD)
        one, two = Oven(s, "one"), Oven(s, "two")
        disk.writes = []
        one.resuming.keep(None)
        two.resuming.keep(None)
        waiting = [one.resuming.wait(), two.resuming.wait()]
        for w in waiting:
            finish(w)
    return [len(disk.writes), one.resuming.owed, two.resuming.owed, str(disk.files[OLD], "utf-8")]


# ---- MicroPython's own file systems


class Flash(Power):
    """Blocks in RAM that count how often each one was erased; an erasure is one step, writing a byte another one.

    One object is one power-on: what is closed later must not reach the next one.
    """

    dead = False
    whole = False  # whether a block is written whole or not at all
    options = {}  # of littlefs: RP2 writes at least 256 bytes at a time, ESP32 what is the default

    def __init__(self, blocks, size, data=None):
        self.size = size
        self.blocks = blocks
        self.data = bytearray(data or b"\xff" * (blocks * size))
        self.erased = [0] * blocks

    def readblocks(self, n, buf, offset=0):
        if self.dead:
            return
        at = n * self.size + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, n, buf, offset=0):
        if self.dead:
            return
        at = n * self.size + offset
        some = len(buf) if self.left is None else min(self.left, len(buf))
        if self.whole and some < len(buf):
            some = 0
        self.data[at : at + some] = buf[:some]
        if self.left is not None:
            self.left -= some
            if some < len(buf):
                raise PowerCut()

    def die(self):
        self.dead = True
        self.data = b""

    def ioctl(self, op, arg):
        if op == 4:
            return self.blocks
        if op == 5:
            return self.size
        if op == 6:
            if self.dead:
                return 0
            self.step()
            self.erased[arg] += 1
            at = arg * self.size
            self.data[at : at + self.size] = b"\xff" * self.size
            return 0


mounted = None


def mount(flash, fs):
    """A power-on: whatever was mounted before is gone."""
    global mounted
    if mounted:
        mounted.die()
        while opened:
            try:
                opened.pop().close()
            except OSError:
                pass
        os.umount("/flash")
    mounted = flash
    if flash:
        os.mount(fs(flash, **flash.options), "/flash")


opened = []


def hold(name, mode):
    # garbage collection would close a file that a cut left open, and complain in vain
    opened.append(builtins.open(name, mode))
    return opened[-1]


def system(name):
    settings.os = os
    settings.open = hold
    return (os.VfsFat, 512) if name == "fat" else (os.VfsLfs2, 4096)


def flash_cuts(name, options, states, stride=1):
    """As `cuts`, at every byte (or every `stride`th) that a file system of MicroPython's writes, and every erasure."""
    fs, size = system(name)
    Flash.options = options
    said = Said()
    blocks = 64 if name == "fat" else 16
    flash = Flash(blocks, size)
    fs.mkfs(flash, **flash.options)
    before = {}
    count = [0, 0, 0]
    path = "/flash/" + OLD
    for state in states:
        old, n = flash.data, 0
        while True:
            flash = Flash(blocks, size, old)
            flash.whole = name == "fat"
            mount(flash, fs)
            s = settings.Settings(path)
            store(s, state)
            flash.left = n
            ended = True
            try:
                s.save_now()
            except PowerCut:
                ended = False
            left = flash.data
            flash.die()
            flash = Flash(blocks, size, left)
            mount(flash, fs)
            for _ in range(2):
                found = settings.Settings(path).sections
                assert found in (before, state), f"{name} step {n}: found {found}, {said.lines}"
            assert said.lines == [], said.lines
            count[0] += 1
            count[2 if found == state else 1] += 1
            if ended:
                assert found == state
                break
            n += stride
        before = state
    mount(None, fs)
    return count


def wear(options, saves, blocks, size):
    """[erasures in all, of the block that had most] of so many saves of so many bytes on littlefs."""
    fs, block = system("littlefs")
    settings.open = builtins.open
    Flash.options = options
    flash = Flash(blocks, block)
    fs.mkfs(flash, **flash.options)
    mount(flash, fs)
    # what else lies on a board
    with open("/flash/main.mpy", "wb") as f:
        for _ in range(100):
            f.write(bytes(1024))
    s = settings.Settings("/flash/" + OLD)
    s.set("a", "text", "x" * (size - 40))
    s.save_now()
    flash.erased = [0] * blocks
    for i in range(saves):
        s.set("a", "b", i)
        assert s.save_now()
    mount(None, fs)
    return [sum(flash.erased), max(flash.erased)]


if __name__ == "__main__":
    driver.serve(
        {
            "cuts": cuts, "copies": copies, "load": load, "pattern": pattern, "save": save, "refused": refused, "again": again,
            "frequency": frequency, "back_and_forth": back_and_forth, "flash_cuts": flash_cuts, "wear": wear,
            "off_cuts": off_cuts, "flash_off_cuts": flash_off_cuts, "off_writes": off_writes, "no_flash": no_flash,
            "keeps": keeps, "rubbish": rubbish, "two_heaters": two_heaters,
        }
    )  # fmt: skip
