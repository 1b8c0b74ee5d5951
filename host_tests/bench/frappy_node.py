"""The other side: the modules of example_heater as a frappy-core node, and how it is started."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from frappy.core import BUSY, IDLE, Command, Drivable, FloatRange, Parameter, Readable, StructOf
from frappy.params import Limit

from host_tests import harness
from host_tests.bench.measured import first_answer
from tools.emulator import host


class Outside(Readable):
    """A thermometer."""

    value = Parameter("temperature outside", FloatRange(unit="degC"))

    def read_value(self):
        return 23.4


class Heater(Drivable):
    """A heater that is always there."""

    value = Parameter("current value of the module", FloatRange(unit="degC"))
    target = Parameter("target value of the module", FloatRange(0, 120, unit="degC"))
    target_limits = Limit("lowest and highest target that is taken")
    maxheaterpower = Parameter("maximum allowed heater power", FloatRange(0, 100, unit="W"), readonly=False, default=50)

    def read_value(self):
        return self.target

    def write_target(self, value):
        self.status = BUSY, "heating"
        self.status = IDLE, "at target"

    def write_maxheaterpower(self, value):
        return value

    @Command()
    def clear_errors(self):
        """after an error, once its cause is gone"""

    @Command(StructOf(a=FloatRange(0, 10), b=FloatRange()), result=FloatRange())
    def examplecommand(self, a, b):
        """Do some calculation: a + b."""
        return a + b


class FrappyNode:
    """A frappy-server with the modules of example_heater, or with as many Outside as asked for."""

    log = "frappy-server did not start"

    def __init__(self, outside=None):
        self.port = harness.free_port()
        self.address = ("127.0.0.1", self.port)
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        lines = [f"Node('bench', 'the other side', interface='tcp://{self.port}')"]
        for i in range(outside or 1):
            name = "outside" if outside is None else f"outside{i}"
            lines.append(f"Mod('{name}', '{__name__}.Outside', 'Outside temperature monitor.')")
        if outside is None:
            lines.append(f"Mod('heater', '{__name__}.Heater', 'Example Heater')")
        (Path(self._own.name) / "bench_cfg.py").write_text("\n".join(lines) + "\n")
        folders = {f"FRAPPY_{kind}DIR": self._own.name for kind in ("CONF", "LOG", "PID")}
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, Path(sys.executable).with_name("frappy-server"), "-q", "bench"],
            env={**os.environ, **folders, "PYTHONPATH": str(harness.ROOT)}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=host.die_with_parent,
        )  # fmt: skip
        self.started = first_answer(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def connect(self, timeout=10):
        return harness.Wire(self.address, timeout)
