"""Models of chips as a process of their own, for a node whose memory they take no part of (boards/HOST/chips/apart.py).

python3 apart.py CHIPS READ WRITE: their folder, and two file descriptors.
"""

import json
import os
import subprocess
import sys


class Models:
    def __init__(self, questions, answers):
        import models

        self._find = models.find
        self._made = []
        self._around = {}
        self._ms = 0
        self._sources = models.sources
        models.clock = lambda: self._ms
        for line in questions:
            self._ms, self._around, number, name, arguments = json.loads(line)
            result = self.make(*arguments) if number is None else self.call(self._made[number], name, arguments)
            answers.write(json.dumps(list(result) if isinstance(result, bytes) else result) + "\n")
            answers.flush()

    def make(self, chip, place):
        for name in self._around:
            self._sources.setdefault(name, lambda name=name: self._around[name])
        model = self._find(chip, bytes(place) if isinstance(place, list) else place)
        if model is None:
            return None
        self._made.append(model)
        return len(self._made) - 1, getattr(model, "MODES", ())

    @staticmethod
    def call(model, name, arguments):
        if name == "write":
            arguments = [bytes(arguments[0])]
        found = getattr(model, name)
        return found(*arguments) if callable(found) else found


class Apart:
    """The process, and what a node has to have in its environment to find it; `ends` are its file descriptors."""

    def __init__(self):
        questions, answers = os.pipe(), os.pipe()
        self.ends = questions[1], answers[0]
        chips = os.path.join(os.path.dirname(__file__), "../../boards/HOST/chips")
        command = [sys.executable, "-B", __file__, chips, str(questions[0]), str(answers[1])]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(questions[0], answers[1]))
        os.close(questions[0])
        os.close(answers[1])
        self.environment = {"SECNODE_CHIPS": f"{self.ends[0]},{self.ends[1]}"}

    def close(self):
        """After the node has ended."""
        for end in self.ends:
            os.close(end)
        self._process.wait(10)


if __name__ == "__main__":
    sys.path[:1] = [sys.argv[1]]
    Models(*[os.fdopen(int(end), mode, encoding="utf-8") for end, mode in zip(sys.argv[2:], "rw", strict=True)])
