"""Plain English: short sentences in every page, and no phrase that sounds translated in pages, programs and firmware."""

import re

import pytest

from host_tests.docs.test_docs import DOCUMENTS, ROOT, name

_MOST = 30  # words of a sentence

# what was there once, as a pattern, and what to say instead
PHRASES = {
    r"who(ever)? reaches the (port|board)": "anyone who can reach the port",
    r"who(ever)? hears the network": "anyone who can listen on the network",
    r"closes its way in for everybody": "nobody gets in by that way",
    r"what can't be understood closes": "if it can't be read, nobody gets in",
    r"arrived is who": "the target is reached when",
    r"so near for so long": "stays this near for this long",
    r"may it become warm": "can it safely get warm?",
    r"is to be had": "where to get it",
    r"is what makes the \w+ so": "then it counts",
    r"whatever the end was": "even if it fails",
    r"cables? (is|are) for charging alone": "many cables only charge",
    r"stays? what (it|they) (was|were)": "does not change",
    r"in (no|another) wise": "not at all",
    r"what (was|were) there is as it was": "nothing was changed",
    r"what \w+ sa(id|ys) stands above": "its message is above",
    r"answers what makes no sense": "gives an answer that makes no sense",
    r"may be said (several times|twice)": "can be given several times",
    r"so many times (faster|what)": "this many times faster",
    r"\band end there\b": "and fail there",
    r"is for root alone": "needs root",
    r"of one's own": "of your own",
    r"tells? whoever is active": "tells all active clients",
    r"to whoever (is|has|looks|writes|activated)": "to the client, to people who, to clients that",
    r"Told when the node is described": "`secnode describe` finds",
    r"who floods is read": "a client that floods",
}


def blocks(text):
    """Paragraphs, list items, headings and cells of tables, each in one line; no code."""
    text = re.sub(r"<!--.*?-->|^```.*?^```$", "\n\n", text, flags=re.DOTALL | re.MULTILINE)
    block, in_list = [], False
    for line in [*text.split("\n"), ""]:
        stripped = line.strip()
        begins = re.match(r"([-*]|\d+\.) +|#+ ", stripped)
        is_code = line.startswith("    ") and not block
        if block and (not stripped or begins or stripped.startswith("|")):
            yield " ".join(block)
            block = []
        if stripped.startswith("|"):
            yield from re.split(r"(?<!\\)\||<br>", stripped.strip("|"))
        elif stripped and not (is_code and not (in_list and begins)):
            block.append(stripped[begins.end() :] if begins else stripped)
        in_list = bool(begins) or in_list and bool(line.startswith(" ") or not stripped)


def sentences(text):
    for block in blocks(text):
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"`[^`]*`", "Code", block))
        yield from re.split(r"(?<=[.!?])[*)\"]*\s+(?=[A-Z*\"(])", plain)


def words(sentence):
    return len(re.findall(r"\w[\w'’.,%/-]*", sentence))


def test_sentences_are_found_and_counted():
    text = "# A b\n\nOne two\nthree. Four `x y` [five](six.md)!\n\n- six. Seven\n  eight\n\n    code is none\n"
    text += "\n| nine ten | 1.5 K |\n"
    found = [(sentence.strip(), words(sentence)) for sentence in sentences(text)]
    assert found == [
        ("A b", 2), ("One two three.", 3), ("Four Code five!", 3), ("six.", 1), ("Seven eight", 2), ("nine ten", 2),
        ("1.5 K", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_sentences_are_short(path):
    long = [s for s in sentences(path.read_text("utf-8")) if words(s) > _MOST]
    assert not long, f"{name(path)}: more than {_MOST} words:\n  " + "\n  ".join(long)


def test_the_readme_is_short():
    """Prose of 900 words at most, and the first node in twelve lines; code and tables are not counted."""
    text = (ROOT / "README.md").read_text("utf-8")
    prose = re.sub(r"^```.*?^```$|^\|.*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert sum(words(sentence) for sentence in sentences(prose)) <= 900
    [node] = re.findall(r"^```toml\n# [\w.]+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len([line for line in node.splitlines() if line]) <= 12


def said():
    """Pages, what the PC's programs say, and what the firmware does: messages, docstrings and comments."""
    sources = [path for room in ("tools", "firmware") for path in sorted((ROOT / room).rglob("*.py"))]
    return [*DOCUMENTS, *sources]


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_phrase_that_sounds_translated(phrase):
    # lines may be broken anywhere
    pattern = re.compile(phrase.replace(" ", r"[\s#]+"), re.IGNORECASE)
    found = [f"{name(path)}: {match[0]!r}" for path in said() for match in pattern.finditer(path.read_text("utf-8"))]
    assert not found, f"say rather: {PHRASES[phrase]}\n  " + "\n  ".join(found)


def test_each_phrase_finds_what_it_is_for():
    for phrase in PHRASES:
        re.compile(phrase)
    text = "Who reaches the port controls the node"
    assert re.search(next(iter(PHRASES)), text, re.IGNORECASE)
