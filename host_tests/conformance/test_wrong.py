"""`secnode check-node` finds each way in which a node is wrong, and nothing where it is right."""

import pytest

from host_tests.conformance import ways, wrong
from host_tests.harness import mentions
from tools.__main__ import main
from tools.conformance import talking


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """These nodes send updates so often that what must not come need not be waited for long."""
    monkeypatch.setattr(talking, "_WATCH", 0.2)
    monkeypatch.setattr(talking, "_QUIET", 0.05)
    monkeypatch.setattr(talking, "_LEAST", 1)


@pytest.fixture
def checked(capsys):
    """checked(node, *options) gives (exit code, lines of errors and warnings, all that was said)."""

    def check(node, *options):
        with node:
            code = main(["check-node", node.address, *options])
        out = capsys.readouterr().out
        return code, [line for line in out.splitlines() if line.startswith(("error", "warning"))], out

    return check


@pytest.mark.parametrize("options", [(), ("--drive",), ("--strict", "--drive")], ids=" ".join)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_nothing_is_wrong_with_a_node_that_is_right(checked, version, options):
    node = wrong.Node(version)
    code, found, out = checked(node, *options)
    assert (code, found) == (0, []), out
    assert " checks: 0 errors, 0 warnings, " in out and f"v{version}, 2 modules" in out


def test_without_drive_nothing_is_changed(checked):
    heard = []

    class Spied(wrong.Right):
        def answer(self, raw):
            heard.append(raw)
            return super().answer(raw)

    node = wrong.Node("2.0", connection=Spied)
    checked(node)
    assert node.values == wrong.VALUES
    assert not [line for line in heard if line.startswith((b"do t:stop", b"do t:go"))]
    for line in heard:
        if line.startswith(b"change t:"):  # what is readonly, or no JSON
            assert line.startswith((b"change t:value", b"change t:status", b"change t:_fixed", b"change t:_no_such")) or (
                line.endswith((b" [[", b'":', b' "'))
            ), line
        assert (
            not line.startswith(b"change p:")
            or b"_pair" in line
            or b"_record" in line
            or b":value" in line
            or b"status" in line
        )


def test_what_was_changed_is_put_back(checked):
    node = wrong.Node("1.0")
    checked(node, "--drive")
    assert {key: node.values[key] for key in ("t:_mode", "t:_name", "t:target_limits")} == {
        key: wrong.VALUES[key] for key in ("t:_mode", "t:_name", "t:target_limits")
    }
    assert node.values["t:status"] == [100, "stopped"]


@pytest.mark.parametrize("way", ways.DESCRIBED)
def test_what_is_wrong_in_a_description_is_found(checked, way):
    version, change, words = ways.DESCRIBED[way]
    code, found, out = checked(wrong.Node(version, change), "--strict")
    assert code == 1 and [line for line in found if words in line], out


@pytest.mark.parametrize("way", ways.TALKED)
def test_what_is_wrong_in_its_answers_is_found(checked, way):
    version, connection, words, drive = ways.TALKED[way]
    code, found, out = checked(wrong.Node(version, connection=connection), "--strict", *["--drive"] * drive)
    assert code == 1 and [line for line in found if words in line], out


@pytest.mark.parametrize("way", ways.IDENTIFIED)
def test_what_is_wrong_in_its_identification_is_found(checked, way):
    identification, words = ways.IDENTIFIED[way]
    code, found, out = checked(wrong.Node("2.0", identification=identification))
    assert code == 1 and [line for line in found if words in line], out


def test_a_warning_is_an_error_where_one_asks_for_it(checked):
    version, connection, words, _ = ways.TALKED["the uptime as timestamp"]
    code, found, _ = checked(wrong.Node(version, connection=connection))
    assert code == 0 and [line for line in found if words in line]
    code, *_ = checked(wrong.Node(version, connection=connection), "--strict")
    assert code == 1


@pytest.mark.parametrize("identification", ["HTTP/1.1 400 Bad Request", "ISSE", ""])
def test_what_is_no_node_is_said(checked, capsys, identification):
    with wrong.Node("1.0", identification=identification or " ") as node:
        assert main(["check-node", node.address]) == 2
    assert mentions(capsys.readouterr().err, node.address, "SEC node")


def test_nobody_there(capsys):
    assert main(["check-node", "127.0.0.1:9"]) == 2
    assert "nothing listens" in capsys.readouterr().err
