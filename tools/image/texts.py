"""Texts for persons, taken out of the firmware into a file of their own.

In RAM each costs its length and some 40 bytes, whether it is ever said or not; a call that gets it from the file costs 8.
Every line stays where it was.
"""

import ast
import functools

from .source import replaced

FILE = "texts"
_LEAST = 14  # bytes: shorter ones cost less than the call
# what is given to these goes to an instrument: it must be what it is, also where the file is gone
_TO_HARDWARE = ("write", "writeto", "writeto_mem", "send", "sendall", "sendto", "ask", "query", "communicate")
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def taken_out(contents, own=()):
    """The same contents with texts.get(place) in place of each text inside a function, and the file with all of them.

    A text is a string of more than one word. In the file each is its length, one byte, and its UTF-8. The files that `own`
    names are no firmware: they stay as they are.
    """
    result = {}
    places = {}
    out = bytearray()
    for name, content in contents.items():
        docstring = None
        if name.endswith(".py") and name != "secnode/texts.py" and name not in own:
            docstring, get, nodes = _found(content)
        if docstring and nodes:
            changes = []
            for node in nodes:
                data = node.value.encode()
                if data not in places:
                    places[data] = len(out)
                    out += bytes([len(data)]) + data
                changes.append((node, f"{get}({places[data]})"))
            # in place of the docstring
            changes.append((docstring, f'""; from secnode.texts import get as {get}'))
            content = replaced(content.decode(), changes).encode()
        result[name] = content
    result[FILE] = bytes(out)
    return result


# most files are the same from one image to the next
@functools.lru_cache(512)
def _found(content):
    """(the file's docstring, a name for `get`, the texts) as nodes of a source; the docstring is None where it has none."""
    tree = ast.parse(content)
    if ast.get_docstring(tree, clean=False) is None:
        return None, None, ()
    return tree.body[0], _free(tree), [*_texts(tree)]


def _free(tree):
    """A name that the file has not: by one of its own it would call something else."""
    taken = {getattr(node, "id", getattr(node, "arg", getattr(node, "attr", None))) for node in ast.walk(tree)}
    name = "_text"
    while name in taken:
        name += "_"
    return name


def _texts(tree):
    for function in ast.walk(tree):
        if isinstance(function, _FUNCTION):
            for statement in function.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    continue  # a docstring
                yield from _in(statement)


def _in(node):
    # functions inside are looked at by themselves; a piece of an f-string is no string
    if isinstance(node, _FUNCTION | ast.JoinedStr):
        return
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) in _TO_HARDWARE:
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and " " in node.value.strip() and _LEAST <= len(node.value.encode()) < 256:
            yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _in(child)
