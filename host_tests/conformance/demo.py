"""frappy's own demo nodes (frappy_demo of frappy-core), started as frappy's users do: none of ours."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from host_tests import harness
from tools.emulator import host

_M = "frappy_demo.modules"
_A = "frappy_demo.acquisition"
NODES = {
    "magnet": (
        ("switch", f"{_M}.Switch", "switch_on_time=1, switch_off_time=1"),
        ("mf", f"{_M}.MagneticField", "heatswitch='switch'"),
        ("ts", f"{_M}.SampleTemp", "sensor='Q1', ramp=100, target=10, value=10"),
        ("tc1", f"{_M}.CoilTemp", "sensor='X1'"),
        ("label", f"{_M}.Label", "system='Cryomagnet', mf='mf', ts='ts'"),
    ),
    "datatypes": (("types", f"{_M}.DatatypesTest", ""),),
    "cryo": (("cryo", "frappy_demo.cryo.Cryostat", ""),),
    "test": (
        ("ln2", "frappy_demo.test.LN2", ""),
        ("heater", "frappy_demo.test.Heater", "maxheaterpower=10"),
        ("temp", "frappy_demo.test.Temp", "sensor='X34598T7'"),
        ("lower", "frappy_demo.test.Lower", ""),
        ("commands", "frappy_demo.test.Commands", ""),
    ),
    "acquisition": (
        ("simple", f"{_A}.SimpleAcquisition", ""),
        ("no_goal", f"{_A}.NoGoalAcquisition", ""),
    ),
}


class Demo:
    """A running demo node: `address` is HOST:PORT."""

    def __init__(self, name):
        port = harness.free_port()
        self.address = f"127.0.0.1:{port}"
        self._own = tempfile.TemporaryDirectory(prefix="frappy-")
        lines = [f"Node('{name}.demo.frappy', 'a demo of frappy', interface='tcp://{port}')"]
        for module, cls, more in NODES[name]:
            lines.append(f"Mod('{module}', '{cls}', 'a module of the demo', {more})")
        (Path(self._own.name) / "demo_cfg.py").write_text("\n".join(lines) + "\n")
        folders = {f"FRAPPY_{kind}DIR": self._own.name for kind in ("CONF", "LOG", "PID")}
        self.port = port
        self._said = open(Path(self._own.name) / "said", "w+b")
        self.process = subprocess.Popen(
            [sys.executable, Path(sys.executable).with_name("frappy-server"), "-q", "demo"],
            env={**os.environ, **folders}, stdin=subprocess.DEVNULL,
            stdout=self._said, stderr=self._said, preexec_fn=host.die_with_parent,
        )  # fmt: skip

    def __enter__(self):
        try:
            host.wait_for_answer(self.process, "127.0.0.1", self.port)
        except BaseException:
            self.__exit__()
            raise AssertionError(self.said) from None
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    @property
    def said(self):
        return (Path(self._own.name) / "said").read_text(errors="replace")
