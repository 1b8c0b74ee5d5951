"""`make dist`: one version, and a changelog that agrees with it. What it builds is tried by host_tests.tools.smoke."""

import json

import pytest

from tools import paths
from tools.build import dist
from tools.problem import Problem

TEXT = "# Changelog\n\n## [Unreleased]\n{}\n## [0.2.0] - 2026-12-01\n\n- two\n\n## [0.1.0] - 2026-11-01\n\n- one\n"
NEW = TEXT.format("\n- new\n")


def test_the_version_is_said_once():
    """firmware/secnode/__init__.py says it; package.json, which mip reads, has to be plain JSON."""
    assert json.loads((paths.ROOT / "package.json").read_text())["version"] == paths.version()
    assert "version =" not in (paths.ROOT / "pyproject.toml").read_text().replace("target-version =", "")
    dist.changelog((paths.ROOT / "CHANGELOG.md").read_text("utf-8"), paths.version())


def test_the_notes_of_a_release_are_those_of_its_heading():
    assert dist.changelog(NEW, "0.2.0") == "- new\n"
    assert dist.changelog(NEW, "0.3.0") == "- new\n"
    assert dist.changelog(TEXT.format(""), "0.2.0", "v0.2.0") == "- two\n"


@pytest.mark.parametrize(
    ("text", "version", "tag", "complaint"),
    [
        (NEW, "0.1.0", "", "has a release 0.2.0"),
        (NEW, "0.2.0", "v0.2.0", "belongs to"),
        (TEXT.format(""), "0.2.0", "v0.3.0", "the tag has to be v0.2.0"),
        (TEXT.format(""), "0.3.0", "v0.3.0", "no heading"),
        (NEW.replace("Unreleased", "Next"), "0.2.0", "", "begin with"),
        (NEW.replace(" - 2026-12-01", ""), "0.2.0", "", "heading is"),
        (NEW.replace("0.1.0", "0.3.0"), "0.3.0", "", "newest release comes first"),
    ],
)
def test_what_does_not_agree_is_told(text, version, tag, complaint):
    with pytest.raises(Problem, match=complaint):
        dist.changelog(text, version, tag)


def test_a_tag_that_is_none_ends_it_before_anything_is_built(capsys, monkeypatch):
    monkeypatch.setattr(dist, "packages", lambda: pytest.fail("built"))
    assert dist.main(["--tag", "v99.0.0"]) == 2
    assert "the tag is v99.0.0" in capsys.readouterr().err
