"""Texts for persons, taken out of the firmware into a file of their own.

In RAM each costs its length and some 40 bytes, whether it is ever said or not; a call that gets it from the file costs 8.
Every line stays where it was. In the file a byte from 0x80 stands for two that come often together, each of which may stand
for two in turn: half the flash.
"""

import ast
import functools
from collections import Counter

from .source import parse, replaced

FILE = "texts"
_LEAST = 14  # bytes: shorter ones cost less than the call
# what is given to these goes to an instrument: it must be what it is, also where the file is gone
_TO_HARDWARE = ("write", "writeto", "writeto_mem", "send", "sendall", "sendto", "ask", "query", "communicate")
# the file's reader, and what is in memory only while a browser is answered
_LEFT = ("texts.py", "transport/web.py")
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def taken_out(contents, own=()):
    """The same contents with texts.get(place) in place of each text inside a function, and the file with all of them.

    A text is a string of more than one word. The file begins with the pairs of 0x80 to 0xFF; then each text is its length, one
    byte, and its UTF-8 with bytes for pairs, backwards. The files that `own` names are no firmware: they stay as they are.
    """
    result = {}
    found = {name: _found(content) for name, content in contents.items() if _may(name, own)}
    pairs, texts = _paired(tuple(dict.fromkeys(node.value.encode() for _, _, nodes in found.values() for node in nodes)))
    out = bytearray(pairs if texts else b"")
    places = {}
    for text, short in texts.items():
        places[text] = len(out)
        out += bytes([len(short)]) + short[::-1]
    for name, content in contents.items():
        docstring, get, nodes = found.get(name, (None, None, ()))
        if docstring and nodes:
            changes = [(node, f"{get}({places[node.value.encode()]})") for node in nodes]
            # in place of the docstring
            changes.append((docstring, '""; from texts import get' + (f" as {get}" if get != "get" else "")))
            content = replaced(content.decode(), changes).encode()
        result[name] = content
    result[FILE] = bytes(out)
    return result


def _may(name, own):
    return name.endswith(".py") and name not in _LEFT and name not in own


# the firmware's texts are the same from one image to the next, as most files are
@functools.lru_cache(64)
def _paired(texts):
    """(the pairs of 0x80 to 0xFF, {text: the same with bytes for pairs}), the pair that comes most often first."""
    pairs = bytearray(256)
    shorts = [*texts]
    for code in sorted(set(range(0x80, 0x100)) - set(b"".join(texts))):
        counts = Counter(pair for text in shorts for pair in zip(text, text[1:], strict=False) if pair[0])
        pair, count = counts.most_common(1)[0] if counts else (None, 0)
        if count < 2:
            break
        pairs[2 * code - 256 : 2 * code - 254] = bytes(pair)
        shorts = [text.replace(bytes(pair), bytes([code])) for text in shorts]
    return bytes(pairs), dict(zip(texts, shorts, strict=True))


@functools.lru_cache(512)
def _found(content):
    """(the file's docstring, a name for `get`, the texts) as nodes of a source; the docstring is None where it has none."""
    tree = parse(content)
    if ast.get_docstring(tree, clean=False) is None:
        return None, None, ()
    return tree.body[0], _free(tree), [*_texts(tree)]


def _free(tree):
    """A name that the file has not: by one of its own it would call something else."""
    taken = {getattr(node, key, None) for node in ast.walk(tree) for key in ("id", "arg", "asname", "name")}
    name = "get"  # of no size in a file: MicroPython has it
    while name in taken:
        name = "_text" if name == "get" else name + "_"
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
