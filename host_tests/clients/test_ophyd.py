"""secop-ophyd, as Bluesky uses it."""

import asyncio
import json
import logging
import time

import pytest

from host_tests import harness
from tools.image import image, nodes

IDLE, BUSY, ERROR = 100, 300, 400


def ophyd():
    """Its classes of devices. It takes seconds to import: for those that run it, not for each process that collects tests."""
    from secop_ophyd import SECoPDevices

    return SECoPDevices


@pytest.fixture
def session(tmp_path):
    """Runs a coroutine function with the connected device of a node: session(node, what)."""

    def run(node, what):
        async def whole():
            device = ophyd().SECoPNodeDevice(f"127.0.0.1:{node.port}", loglevel=logging.CRITICAL, logdir=str(tmp_path))
            try:
                await device.connect(timeout=30)
                return await what(device)
            finally:
                await device._client.disconnect()
                ophyd().SECoPNodeDevice._clients.pop(f"127.0.0.1:{node.port}", None)

        return asyncio.run(whole())

    return run


@pytest.fixture
def heater(start_node):
    return start_node("example_heater", speed=20)


def test_outside(nodes, session):
    async def what(node):
        assert isinstance(node.outside, ophyd().SECoPReadableDevice)
        name = node.outside.value.name
        assert name.endswith("outside-value")
        return node.name, (await node.outside.read())[name], (await node.outside.describe())[name]

    name, reading, description = session(nodes("outside"), what)
    assert name == "introduction_node"
    assert isinstance(reading["value"], float) and abs(reading["timestamp"] - time.time()) < 60
    assert description["units"] == "C" and description["dtype"] == "number"


def test_reads_all_of_the_heater(heater, session):
    async def what(node):
        device = node.heater
        assert isinstance(device, ophyd().SECoPMoveableDevice)
        wanted = [signal.name for signal in (node.outside.value, device.value, device.target, device.maxheaterpower)]
        return wanted, {**await node.read(), **await node.read_configuration()}

    wanted, found = session(heater, what)
    for name in wanted:
        assert isinstance(found[name]["value"], float), name


def test_set_waits_until_it_arrived(heater, session):
    async def what(node):
        device = node.heater
        goal = await device.value.get_value() + 5
        moving = device.set(goal)
        seen = []
        while not moving.done:
            seen.append(int((await device.status.get_value())["f0"]))
            await asyncio.sleep(0.02)
        await moving
        await device.stop(success=True)  # as Bluesky does at the end of a run: the set point stays
        return (
            goal,
            seen,
            await device.value.get_value(),
            (await device.status.get_value())["f0"],
            await device.target.get_value(),
        )

    goal, seen, value, status, target = session(heater, what)
    assert any(BUSY <= code < ERROR for code in seen), seen
    assert IDLE <= status < BUSY
    assert value == pytest.approx(goal, abs=1) and target == pytest.approx(goal, rel=1e-7)


def test_stop_ends_a_set(heater, session):
    async def what(node):
        device = node.heater
        moving = device.set(110)
        await asyncio.sleep(0.5)
        assert not moving.done
        await device.stop(success=True)
        await asyncio.wait_for(moving.task, 20)
        return await device.value.get_value(), (await device.status.get_value())["f0"]

    value, status = session(heater, what)
    assert value < 100 and IDLE <= status < BUSY


def test_set_out_of_range_fails(heater, session):
    async def what(node):
        with pytest.raises(Exception, match="120|range|Range"):
            await node.heater.set(500)
        return (await node.heater.status.get_value())["f0"]

    assert session(heater, what) < BUSY


def test_command_with_argument(heater, session):
    async def what(node):
        return await node.heater.examplecommand.execute(a=1, b=2)

    assert session(heater, what) == 3


def test_vector_magnet(nodes, session):
    """A target that is an array."""

    async def what(node):
        await node.mf.set([0.1, 0.0, -0.1])
        with pytest.raises(Exception, match="sphere|Impossible"):
            await node.mf.set([9.0, 9.0, 9.0])
        return list(await node.mf.value.get_value())

    assert session(nodes("vector_magnet", speed=20), what) == pytest.approx([0.1, 0.0, -0.1], abs=0.01)


@pytest.mark.parametrize("name", [name for name in nodes.names() if name not in harness.INSTRUMENTS])
def test_reads_every_parameter_of_every_node(nodes, session, name):
    """`bp.count` does so, and the first one that can't be read ends it."""
    from ophyd_async.core import SignalR  # as in ophyd(): it takes seconds

    described = json.loads(image.describe(name))["modules"]

    async def what(node):
        found = {}
        for module in described:
            for signal in dict(getattr(node, module).children()).values():
                if isinstance(signal, SignalR):
                    found[signal.name] = (await signal.read())[signal.name]["value"]
        return found, {**await node.read(), **await node.read_configuration()}

    process = nodes(name)
    with process.connect() as wire:  # a chip's first reading takes its time
        until = time.monotonic() + 20
        while any(wire.ask(f"read {module}").startswith("error") for module in described) and time.monotonic() < until:
            time.sleep(0.1)
    found, readings = session(process, what)
    wanted = sum(a["datainfo"]["type"] != "command" for m in described.values() for a in m["accessibles"].values())
    assert len(found) >= wanted and len(readings) >= wanted - len(described)  # each but the module's own


def test_oven(nodes, session):
    """A scan waits for ramp and stabilizing."""

    async def what(node):
        device = node.heater
        await device.ramp.set(300)
        await device.ramp_enable.set(True)
        goal = await device.value.get_value() + 8
        await device.set(goal)
        return goal, await device.value.get_value(), {**await node.read(), **await node.read_configuration()}

    goal, value, readings = session(nodes("oven", speed=20), what)
    assert value == pytest.approx(goal, abs=1)
    assert any(name.endswith("heater_power-value") for name in readings)


def test_sets_the_clock(nodes, session):
    async def what(node):
        name = node.counter.value.name
        await node.clock.set_time.execute(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        return (await node.counter.read())[name]

    reading = session(nodes(harness.NODES / "clocked.py"), what)
    assert abs(reading["timestamp"] - time.time()) < 5
