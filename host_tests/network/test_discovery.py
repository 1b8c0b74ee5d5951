"""UDP discovery: who asks is answered, rubbish is not, a flood is not answered in kind; and `secnode discover` finds nodes."""

import json
import socket
import subprocess
import sys
import types

import psutil
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from host_tests import harness
from tools import addresses, paths
from tools.image import image
from tools.problem import Problem
from tools.verbs import discover

LOOPBACK = "127.255.255.255"
QUESTION = b'{"SECoP": "discover"}'
WIFI = {"wifi": {"ssid": "HOST", "password": "secnode-host"}}


# ---- what is answered


def report(**properties):
    return {"equipment_id": "e", "description": "d", "modules": {}, **properties}


def answer(**properties):
    data = image.discovery(report(**properties)) + b"65535}"
    return data, json.loads(data)


def test_an_answer_has_what_the_specification_says():
    _, found = answer(equipment_id="mlz_ccr12", firmware="own v1", description="A cryostat")
    assert found == {
        "SECoP": "node", "port": 65535, "equipment_id": "mlz_ccr12", "firmware": "own v1", "description": "A cryostat"
    }  # fmt: skip
    assert answer()[1]["firmware"] == f"secnode v{paths.version()}"


@given(
    equipment_id=st.text(min_size=1, max_size=60), firmware=st.text(max_size=20),
    description=st.text(st.characters(exclude_categories=["Cs"]), max_size=600),
)  # fmt: skip
def test_an_answer_fits_into_a_datagram(equipment_id, firmware, description):
    """equipment_id and firmware whole, the description cut at a character, not before it has to be."""
    try:
        data, found = answer(equipment_id=equipment_id, firmware=firmware, description=description)
    except UnicodeEncodeError:
        return  # a lone surrogate, which no description has
    assert len(data) <= 508
    assert found["equipment_id"] == equipment_id and found["firmware"] == firmware
    assert description.startswith(found["description"])
    if found["description"] != description:
        following = description[len(found["description"])]
        assert len(data) + len(json.dumps(following, ensure_ascii=False).encode()) - 2 > 508


def test_what_has_no_room_is_a_mistake_in_the_node(tmp_path):
    file = tmp_path / "long.py"
    file.write_text((harness.NODES / "clocked.py").read_text().replace("test.secnode.clocked", "x" * 401))
    with pytest.raises(Problem) as problem:
        image.describe(str(file))
    assert harness.mentions(str(problem.value), "equipment_id", "firmware", "401", "400")


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (b'{"SECoP": "discover"}', True),
        (b'{"SECoP":"discover"}\n', True),
        (b'\t{ "SECoP" :\r\n"discover", "later": [1, {"a": null}]}', True),
        (b'{"a": 1, "SECoP": "discover"}', True),
        (b'{"SECoP":"node"}', False),
        (b'{"SECoP":"discover"', False),
        (b'{"SECoP":["discover"]}', False),
        (b'{"secop":"discover"}', False),
        (b"{}", False),
        (b"", False),
        (b"5", False),
        (b"null", False),
        (b'["SECoP"]', False),
        (b'"SECoP"', False),
        (b'"discover"', False),
        (b"\xff\xfe", False),
        (b'{"SECoP":"discover\xff"}', False),
        (b'{"SECoP":"\\ud800"}', False),
        (b"[" * 256, False),
        (b"*IDN?\n", False),
        (bytes(256), False),
    ],
)
def test_questions(linking, data, is_one):
    assert linking.ask("is_question", data.hex()) is is_one


@given(data=st.binary(max_size=256))
@budget(max_examples=100)
def test_any_datagram_is_survived(linking, data):
    try:
        wanted = json.loads(data.decode()).get("SECoP") == "discover"
    except (ValueError, AttributeError, TypeError):
        wanted = False
    assert linking.ask("is_question", data.hex()) is wanted


# ---- secnode discover


@pytest.mark.parametrize("timeout", ["0", "-1", "soon", "nan", "1e9"])
def test_a_wrong_timeout(timeout):
    done = subprocess.run(
        [sys.executable, "-m", "tools", "discover", "--timeout", timeout], cwd=harness.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2 and "--timeout" in done.stderr and "Traceback" not in done.stderr


def test_nobody_is_there(monkeypatch, capsys):
    monkeypatch.setattr(discover, "PORT", harness.free_port())
    monkeypatch.setattr(sys, "argv", ["secnode"])
    from tools.__main__ import main

    assert main(["discover", "--timeout", "0.2"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and harness.mentions(said.err, "0.2 s")
    assert main(["discover", "--timeout", "0.2", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_a_machine_without_network(monkeypatch, capsys):
    monkeypatch.setattr(addresses, "broadcast", lambda: ["192.0.2.777"])
    from tools.__main__ import main

    assert main(["discover"]) == 2
    assert harness.mentions(capsys.readouterr().err, "secnode discover", "network")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"5", b"[]", b"\xff", b"{", b'{"SECoP":"discover"}', b'{"SECoP":"node"}',
        b'{"SECoP":"node","port":"1","equipment_id":"e","firmware":"f","description":"d"}',
        b'{"SECoP":"node","port":true,"equipment_id":"e","firmware":"f","description":"d"}',
        b'{"SECoP":"node","port":0,"equipment_id":"e","firmware":"f","description":"d"}',
        b'{"SECoP":"node","port":1,"equipment_id":null,"firmware":"f","description":"d"}', b"[" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_not_listed(data):
    assert discover.Found.parse(data, "192.0.2.1") is None


def test_nobody_writes_to_the_terminal():
    data = {"SECoP": "node", "port": 1, "equipment_id": "e\x1b[2J", "firmware": "f\n", "description": "line\r\nline"}
    found = discover.Found.parse(json.dumps(data).encode(), "192.0.2.1")
    assert (found.equipment_id, found.firmware, found.description) == ("e [2J", "f ", "line  line")


def test_a_node_of_this_machine_is_listed_once():
    here = discover.Found("127.0.0.1", 1, "a", "", "")
    there = here._replace(address="192.0.2.2")
    other = there._replace(address="192.0.2.3")
    alone = here._replace(port=2)
    assert discover.without_doubles([here, there, other, alone]) == [there, other, alone]


def test_every_network_is_asked(monkeypatch):
    """Also where the system names no address for it, and without those in which there is nobody else."""

    def interface(address, netmask, broadcast=None, family=socket.AF_INET):
        return types.SimpleNamespace(family=family, address=address, netmask=netmask, broadcast=broadcast)

    there = {
        "lo": [interface("127.0.0.1", "255.0.0.0"), interface("::1", None, family=socket.AF_INET6)],
        "lab": [interface("192.0.2.7", "255.255.255.0", "192.0.2.255"), interface("198.51.100.9", "255.255.255.240")],
        "tunnel": [interface("203.0.113.1", "255.255.255.255"), interface("203.0.113.2", "255.255.255.254")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: there)
    assert addresses.broadcast() == ["255.255.255.255", "127.255.255.255", "192.0.2.255", "198.51.100.15"]
