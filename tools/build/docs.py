"""`make docs`: README.md, docs/ and the boards' pages as one searchable site in build/site, by mkdocs.

Links and anchors are checked, and the site loads nothing from elsewhere. Pages and pictures keep their places, so that a link
that works in the repository works there, too. Diagrams, and searching without a web server, need node and npm.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .. import paths
from ..problem import Problem
from . import npm

# scripts that the theme would get from elsewhere, by npm: a package and a file in it
_MERMAID = "@mermaid-js/tiny@11.17.2", "dist/mermaid.tiny.js"
_WORKER = "iframe-worker@1.0.4", "shim/index.js"
_WORKER_AT = "https://unpkg.com/iframe-worker/shim"
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_LOADED = re.compile(r"<(?:script|img|iframe|source)[^>]* src=\"?(?:https?:)?//[^>]*>|<link[^>]* href=\"?(?:https?:)?//[^>]*>")
_ELSEWHERE = "https://unpkg.com/"  # what the theme's script gets where a browser lacks it: then it is lacking


def main():
    try:
        site = build(paths.build_dir())
    except Problem as e:
        print(f"docs: {e}", file=sys.stderr)
        return 2
    print(f"docs: {len(list(site.rglob('*.html')))} pages in {site}, begin with index.html")
    return 0


def build(folder):
    """Build the site in a folder; gives its path. Raises Problem with what is wrong in the pages."""
    collect(folder / "docs")
    config = folder / "mkdocs.yml"
    config.write_text(f"INHERIT: {os.path.relpath(paths.ROOT / 'mkdocs.yml', folder)}\ndocs_dir: docs\nsite_dir: site\n")
    # no --quiet: what is not said does not count for --strict
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config]
    done = subprocess.run(command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
        raise Problem("\n".join(["a link or a page is wrong:", *said]))
    keep_here(folder / "site")
    found = loaded_from_elsewhere(folder / "site")
    if found:
        raise Problem("the site loads from elsewhere: " + ", ".join(found[:5]))
    return folder / "site"


def collect(folder):
    """Copy the pages into a folder, as they lie in the repository, and what they link to beside them."""
    diagrams, worker = from_npm(*_MERMAID), from_npm(*_WORKER)
    shutil.rmtree(folder, ignore_errors=True)
    pages = [paths.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    pages += [path for name in ("docs", "boards") for path in sorted((paths.ROOT / name).rglob("*.md"))]
    for page in pages:
        text = page.read_text("utf-8")
        for link in _LINK.findall(text):
            linked = (page.parent / link).resolve()
            if linked.is_file() and linked.suffix != ".md" and linked.is_relative_to(paths.ROOT):
                copy(linked, folder)
        if not diagrams:
            text = text.replace("```mermaid\n", "```text\n")
        target = folder / page.relative_to(paths.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    (folder / "scripts").mkdir()
    # the theme takes the one that is there already
    (folder / "scripts/mermaid.js").write_text(diagrams, "utf-8")
    (folder / "scripts/worker.js").write_text(worker, "utf-8")


def keep_here(site):
    """Have the built site take what it would get from elsewhere from itself."""
    for path in site.rglob("*.html"):
        up = "../" * (len(path.relative_to(site).parts) - 1)
        text = path.read_text("utf-8")
        path.write_text(text.replace(_WORKER_AT, f"{up}scripts/worker.js"), "utf-8")
    for path in site.rglob("*.js"):
        text = path.read_text("utf-8")
        if _ELSEWHERE in text:
            path.write_text(text.replace(_ELSEWHERE, ""), "utf-8")


def copy(path, folder):
    target = folder / path.relative_to(paths.ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def from_npm(package, script):
    """A script of a package, "" where npm is missing."""
    try:
        folder = npm.folder(package, "drawing diagrams")
    except Problem as e:
        print(f"docs: without {package}: {e}", flush=True)
        return ""
    return Path(folder, "node_modules", package.rpartition("@")[0], script).read_text("utf-8")


def loaded_from_elsewhere(site):
    """What the pages would load from another place, by file."""
    return [
        f"{path.relative_to(site)}: {found}"
        for path in sorted(site.rglob("*.html"))
        for found in _LOADED.findall(path.read_text("utf-8"))
    ]


if __name__ == "__main__":
    sys.exit(main())
