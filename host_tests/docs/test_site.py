"""`make docs`: the site is built, holds every page, can be searched, and loads nothing from elsewhere."""

import json

import pytest

from host_tests.docs.test_docs import DOCUMENTS, name
from tools import paths
from tools.build import docs
from tools.problem import Problem


def test_the_site_has_each_page_can_be_searched_and_stands_alone(tmp_path):
    """A page that is new belongs into `nav` of mkdocs.yml."""
    site = docs.build(tmp_path)
    for path in [*DOCUMENTS, paths.ROOT / "CHANGELOG.md"]:
        page = name(path).replace("README.md", "index.md").replace(".md", ".html")
        assert (site / page).is_file(), page
    found = json.loads((site / "search/search_index.json").read_text("utf-8"))["docs"]
    assert any("BOOTSEL" in entry["text"] and entry["location"].startswith("docs/flash.html#") for entry in found)
    assert not [path for path in site.rglob("*.js") if "https://unpkg.com" in path.read_text("utf-8")]


@pytest.mark.parametrize(
    "line", ['<script src="https://x.org/a.js">', '<link href="//x.org/a">', "<img alt='' src=http://x/a>"]
)
def test_what_comes_from_elsewhere_is_seen(tmp_path, line):
    (tmp_path / "a.html").write_text(f'<a href="https://x.org">{line}')
    assert docs.loaded_from_elsewhere(tmp_path) == [f"a.html: {line}"]


def test_a_link_that_leads_nowhere_ends_it(monkeypatch, tmp_path):
    """As somebody might write it into a page."""
    collect = docs.collect

    def wrong(folder):
        collect(folder)
        with open(folder / "docs/check.md", "a") as f:
            f.write("\n[x](nowhere.md), [y](heater.md#no-such-heading)\n")

    monkeypatch.setattr(docs, "collect", wrong)
    with pytest.raises(Problem) as said:
        docs.build(tmp_path)
    assert "'nowhere.md'" in str(said.value) and "'heater.md#no-such-heading'" in str(said.value)
