"""Fixtures: a wire test takes `level` and `node` (or `start_node`) and runs at every level that is there."""

import gc
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from host_tests import compiling, describing, forked, harness
from tools import paths
from tools.image import image

# nodes that a test starts by hand (`make run`) keep their values here, and find none of earlier days
_kept = tempfile.TemporaryDirectory(prefix="secnode-")
os.environ["SECNODE_SETTINGS"] = os.path.join(_kept.name, "settings.json")
# the first of the processes that share the tests has a folder for all
os.environ.setdefault("SECNODE_TESTS", _kept.name)
# each program that a test starts would compile all that it imports
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(paths.build_dir() / "bytecode")
sys.dont_write_bytecode = False
forked.begin()

# thousands of tests are made, and all of them stay: to look through them again and again takes a quarter of that time
gc.disable()

# in CI the same examples every time, so more of them would find little more; elsewhere new ones, and those that failed again
_examples = DirectoryBasedExampleDatabase(str(paths.build_dir() / "hypothesis"))
settings.register_profile("here", max_examples=300, deadline=None, database=_examples)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if harness.in_ci() else "here")

# the files that take longest, in an order that was computed from a run's own times: of what mostly waits and what calculates
# there is always some of each, and none of the longest is left at the end
_LONGEST = (
    "hostile/test_soak.py",
    "safety/test_two_ovens.py",
    "unit/test_output.py",
    "deploy/test_configure.py",
    "hostile/test_hostile.py",
    "wire/test_motor.py",
    "hostile/test_access.py",
    "deploy/test_frozen.py",
    "instruments/test_ready.py",
    "panel/test_others.py",
    "properties/test_numbers.py",
    "tools/test_hostile_node.py",
    "wire/test_furnace.py",
    "compose/test_nodes.py",
    "tools/test_make.py",
    "serial/test_bridge_fuzz.py",
    "safety/test_year.py",
    "network/test_online.py",
    "conformance/test_own.py",
    "conformance/test_wrong.py",
    "unit/test_control.py",
    "safety/test_faults.py",
    "chips/test_ten.py",
    "chips/test_heater.py",
    "wire/test_check.py",
    "serial/test_core.py",
    "wire/test_order.py",
    "serial/test_bridge.py",
    "wire/test_contract.py",
    "tools/test_monitor.py",
    "network/test_cable.py",
    "hostile/test_places.py",
    "wire/test_interlock.py",
    "wire/test_oven.py",
    "instruments/test_lewis.py",
    "deploy/test_flash.py",
    "serial/test_bridge_hostile.py",
    "wire/test_acquisition.py",
    "deploy/test_mip.py",
    "docs/test_docs.py",
    "bench/test_memory.py",
    "chips/test_onewire.py",
    "clients/test_ophyd.py",
    "instruments/test_crowded.py",
    "compose/test_schema.py",
    "instruments/test_losing.py",
    "wire/test_pins.py",
    "conformance/test_frappy.py",
    "serial/test_console.py",
    "safety/test_relay.py",
    "panel/test_served.py",
    "wire/test_clients.py",
    "tools/test_run.py",
    "wire/test_messages.py",
    "boards/test_boards.py",
    "serial/test_trouble.py",
    "hostile/test_browser.py",
    "chips/test_own.py",
    "panel/test_page.py",
    "wire/test_kinds.py",
    "wire/test_logging.py",
    "deploy/test_selftest.py",
    "hostile/test_small_heap.py",
    "tools/test_talk.py",
    "wire/test_two_kinds.py",
    "unit/test_counting.py",
    "wire/test_relay.py",
    "safety/test_plants.py",
    "network/test_ethernet.py",
    "serial/test_pace.py",
    "unit/test_image.py",
    "instruments/test_line.py",
    "wire/test_updates.py",
    "safety/test_outputs.py",
    "chips/test_dac.py",
    "wire/test_keep.py",
    "wire/test_http.py",
    "tools/test_scan.py",
    "wire/test_websocket.py",
    "wire/test_versions.py",
    "properties/test_check.py",
    "wire/test_hanging.py",
    "unit/test_settings.py",
    "instruments/test_modbus.py",
    "instruments/test_tables.py",
    "wire/test_timers.py",
    "compose/test_imagined.py",
    "chips/test_buses.py",
    "hostile/test_fuzz.py",
    "serial/test_flash.py",
    "unit/test_outputs.py",
    "serial/test_frappy.py",
    "wire/test_mistakes.py",
    "unit/test_sensing.py",
    "wire/test_transcripts.py",
    "clients/test_instruments.py",
    "wire/test_readme.py",
    "clients/test_frappy.py",
    "serial/test_bridge_http.py",
    "instruments/test_stalled.py",
)
_LEVEL = re.compile(rf"(?<![^[-])({'|'.join([*harness.LEVELS, *harness.HEAPS])})(?=[]-])")
_FEW = 5  # of a property's examples one in so many is tried at the levels before its last


def pytest_addoption(parser):
    parser.addoption("--levels", help="run only what runs at these levels, with commas, and what has none")
    parser.addoption("--leveled", action="store_true", help="leave out what has no level")
    parser.addoption("--examples", type=int, help="of each property at most so many examples")


def level_of(item):
    return item.callspec.params.get("level") if hasattr(item, "callspec") else None


def pytest_collection_finish():
    gc.freeze()
    gc.enable()
    gc.set_threshold(20000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    wanted = config.getoption("levels")
    if wanted:
        levels = wanted.split(",") + ([] if config.getoption("leveled") else [None])
        left = [item for item in items if level_of(item) not in levels]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
    here = Path(__file__).parent
    order = {here / name: i for i, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))
    # data types and arithmetic: what an example finds at one level it finds at most of them. The last one is nearest to a board
    last = {item.obj: level_of(item) for item in items if item.path.parent.name in ("properties", "unit")}
    for item in items:
        if item.obj in last and level_of(item) != last[item.obj]:
            item.add_marker(pytest.mark.few_examples)


_describing = describing.Describing(os.environ["SECNODE_TESTS"])  # for what tests describe while they are imported, too


def pytest_configure(config):
    image._run = _describing
    image._compiled = compiling.once(image._compiled, paths.build_dir() / "bytecode" / "mpy")
    config.addinivalue_line("markers", "few_examples: of a property that is tried with all of them at another level")


def pytest_xdist_make_scheduler(config, log):
    """Processes share the tests by file and level: so a long file is no one's alone, and nodes are kept between its tests."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFileAndLevel(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            return " ".join([file, *_LEVEL.findall(test.partition("[")[2])[:1]])

    config.option.loadscopereorder = False  # the order is ours
    return ByFileAndLevel(config, log)


def pytest_unconfigure():
    _describing.close()
    forked.end()
    gc.freeze()  # pytest looks through all that there is, five times


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Each property with as many examples as are meant for this level."""
    most = item.config.getoption("examples")
    few = item.get_closest_marker("few_examples")
    key = "_hypothesis_internal_use_settings"  # hypothesis has no other way to change what a decorator has fixed
    before = getattr(item.obj, key, None)
    if before is None or not (most or few):
        return (yield)
    number = before.max_examples // (_FEW if few else 1)
    setattr(item.obj, key, settings(before, max_examples=max(1, min(number, most or number))))
    try:
        return (yield)
    finally:
        setattr(item.obj, key, before)


level = harness.level_fixture(*harness.LEVELS)


# of a module: a node that runs on while nobody asks it takes what it takes of the CPU, twenty times that at 20 times the speed
@pytest.fixture(scope="module")
def nodes(level):
    """Starts nodes: nodes(name_or_path, speed=1, clients=None, settings=None) gives a NodeProcess, the same for the same wish.

    `settings` is what its settings.json holds at start.
    """
    running = {}

    def start(node, speed=1, clients=None, settings=None):
        key = str(node), speed, clients, json.dumps(settings)
        if key not in running:
            running[key] = harness.NodeProcess(level, node, speed, clients, settings)
        return running[key]

    yield start
    for process in running.values():
        process.stop()


@pytest.fixture
def start_node(level):
    """As `nodes`, but a node that belongs to one test alone."""
    running = []

    def start(node, speed=1, clients=None, settings=None, **more):
        running.append(harness.NodeProcess(level, node, speed, clients, settings, **more))
        return running[-1]

    yield start
    for process in running:
        process.stop()


# ---- what failed, and passed when it was tried once more by itself


def pytest_terminal_summary(terminalreporter, config):
    """Keep what failed and why in a file; the second try (.ci/run) names those of them that pass, with the reason."""
    name = os.environ.get("SECNODE_FAILED")
    if not name:
        return
    path = Path(name)
    before = json.loads(path.read_text()) if path.exists() else {}
    passed = {report.nodeid for report in terminalreporter.stats.get("passed", [])}
    for nodeid in sorted(passed & set(before)):
        terminalreporter.write_line(f"SECOND TRY {nodeid}: it had failed with {before[nodeid]}")
    failed = [*terminalreporter.stats.get("failed", []), *terminalreporter.stats.get("error", [])]
    path.write_text(json.dumps({report.nodeid: _reason(report) for report in failed}))


def _reason(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    return text.strip().partition("\n")[0][:300]
