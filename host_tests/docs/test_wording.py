"""Tests ask for classes, codes and what a text names, never for its English: so a text can be improved in one place.

Wording is four plain words in a row, without a colon, that an assert, a `wait` or `match=` looks for. Texts that the tests have
written themselves are none: those of host_tests/nodes, and those that stand elsewhere in the same file. A text that has to be
known whole is a constant with a name, once. `harness.mentions` asks for what is named.
"""

import ast
import functools
import re
from pathlib import Path

import pytest

from host_tests.docs.test_docs import ROOT, name

_LEAST = 4  # words in a row
_WORD = re.compile(r"[A-Za-z]+('[a-z]+)?[,;.?!]?")
# what is given to any other function is no text that is looked for
_LOOKS = {
    "all", "any", "approx", "compile", "count", "endswith", "escape", "findall", "fullmatch", "len", "list", "match",
    "mentions", "removeprefix", "search", "set", "sorted", "startswith", "sum", "tuple",
}  # fmt: skip

TESTS = sorted((ROOT / "host_tests").rglob("*.py"))


def phrases(text):
    """Its plain words, as far as so many stand in a row: "error: this is one of them, by 5 K" gives one phrase."""
    row = []
    for word in [*text.replace(":", " : ").split(), ""]:
        if _WORD.fullmatch(word):
            row.append(word)
            continue
        if len(row) >= _LEAST:
            yield " ".join(row).rstrip(",;.?!")
        row = []


def called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def looked_for(node):
    """The strings within an expression, but not what a function is given that only makes the text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    within = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call) and called(node) not in _LOOKS:
        within = [node.func]
    for child in within:
        yield from looked_for(child)


def asserted(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield from looked_for(node.test)
        elif isinstance(node, ast.keyword) and node.arg == "match":
            yield from looked_for(node.value)
        elif isinstance(node, ast.Call) and called(node) == "wait":
            for argument in node.args:
                yield from looked_for(argument)


def strings(tree):
    return {node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def joined(nodes):
    return "\n".join(" ".join(node.value.split()) for node in nodes)


@functools.cache
def of_nodes():
    return joined(
        found for path in TESTS if path.parent.name == "nodes" for found in strings(ast.parse(path.read_text("utf-8")))
    )


def wording(source):
    """The lines of a test's file that hold on to wording, and what: [(line, phrase)]."""
    tree = ast.parse(source)
    found = {node: list(phrases(node.value)) for node in asserted(tree)}
    own = joined(strings(tree) - set(found)) + of_nodes()
    return sorted({(node.lineno, phrase) for node, all_ in found.items() for phrase in all_ if phrase not in own})


@pytest.mark.parametrize("path", [path for path in TESTS if path.name != Path(__file__).name], ids=name)
def test_no_test_holds_on_to_wording(path):
    found = [f"{name(path)}:{line}: {phrase}" for line, phrase in wording(path.read_text("utf-8"))]
    assert not found, "ask for class, code and what is named (harness.mentions):\n  " + "\n  ".join(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("assert text == 'it does not warm'", ["it does not warm"]),
        ("assert 'does not warm' in text and 'set max_rate to 40' in text", []),
        ("assert f'{path}:3: heater.r25 has to be a number, not {x}' == text", ["has to be a number, not"]),
        ("assert ask('a text that is given')[0] == 'ok', 'a text for whom it fails'", []),
        ("assert any(t.startswith('peak: one of at most 12') for t in texts)", ["one of at most"]),
        ("with raises(Problem, match='there is no such file'): f()", ["there is no such file"]),
        ("wait(lambda: 'nobody gives an address' in node.log)", ["nobody gives an address"]),
        ("assert mentions(text, 'it does not warm')", ["it does not warm"]),
        ("TEXT = 'a text of our own'\nassert said == 'a text of our own'", []),
        ("assert said == '''one two\nthree four'''", ["one two three four"]),
    ],
)
def test_what_is_wording(source, found):
    assert [phrase for _, phrase in wording(source)] == found
