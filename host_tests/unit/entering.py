"""Counts how often a request enters each file of secnode/, and from which, from the line's arrival to the answer's leaving."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import asyncio

import driver  # puts the firmware on the path

from secnode.datainfo import Double
from secnode.module import Parameter, Writable
from secnode.node import Node


class Lamp(Writable):
    value = Parameter(Double(0, 100), description="light")
    target = Parameter(Double(0, 100), readonly=False, description="wanted light")

    def read_value(self):
        return 5

    def write_target(self, value):
        return value


class Stream:
    """Gives one line, and counts until the answer is put."""

    at_once = True
    framed = 0

    def __init__(self, line):
        self._line = line.encode() + b"\n"
        self.entered = {}  # "outbox.py": times
        self.steps = set()  # "requests.py outbox.py": from which file
        self.answer = b""

    def take(self, buf, view, pos):
        n = len(self._line)
        if not n:
            return 0
        view[pos : pos + n] = self._line
        self._line = b""
        sys.setprofile(self._note)
        return n

    def _note(self, frame, event, arg):
        if event == "call":
            file, caller = frame.f_code.co_filename, frame.f_back.f_code.co_filename
            if "/secnode/" in file and file != caller:
                name = file.rpartition("/")[2]
                self.entered[name] = self.entered.get(name, 0) + 1
                self.steps.add(caller.rpartition("/")[2] + " " + name)

    def put(self, buf, n):
        sys.setprofile(None)
        self.answer = bytes(buf[:n])
        return n

    def close(self):
        pass

    async def wait_closed(self):
        pass


async def _entered(line):
    node = Node("x", "x", (Lamp(name="lamp", description="x"),))
    stream = Stream(line)
    await node.add_session().serve(stream)
    return stream.answer.decode(), stream.entered, sorted(stream.steps)


def entered(line):
    """The answer, how often each file of secnode/ was entered from another one, and from which."""
    return asyncio.run(_entered(line))


if __name__ == "__main__":
    driver.serve({"entered": entered})
