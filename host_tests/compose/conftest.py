"""What the tests of composed nodes share."""

import pytest


@pytest.fixture
def file(tmp_path):
    """Write a file of a node; gives its path."""

    def write(text, name="lab.toml"):
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return write
