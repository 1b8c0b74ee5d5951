"""The composed files of docs/compose.md."""

import re

from tools import paths


def documented():
    """{name: text} of the files that stand there."""
    text = (paths.ROOT / "docs" / "compose.md").read_text("utf-8")
    return dict(re.findall(r"<!-- composed (\S+) -->\n```toml\n(.*?)```", text, re.DOTALL))
