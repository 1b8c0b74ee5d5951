"""The definitions of nodes: those that come with the firmware, and a user's own in Python."""

from pathlib import Path

from .. import paths
from ..problem import Problem


def names():
    """The nodes that come with the firmware."""
    return sorted(p.stem for p in (paths.FIRMWARE / "nodes").glob("*.py") if p.stem != "__init__")


def file(node):
    """The file of a node that is given by its name, or as a path to a .py file of your own. Raises Problem."""
    if node.endswith(".py"):
        if not Path(node).is_file():
            raise Problem(f"there is no file {node}")
        if "." in Path(node).stem:
            raise Problem(f"the file {node} can't be imported: its name must not have a dot but the one of .py")
        return Path(node).resolve()
    if node not in names():
        raise Problem(f"there is no node {node!r}: take one of {', '.join(names())}, or the path of a .py or .toml file")
    return paths.FIRMWARE / "nodes" / (node + ".py")
