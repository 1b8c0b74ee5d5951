"""The fault table of docs/: each cell tried at each level, written down with the fingerprint of the code that it is of."""

import ast
import io
import json
import os
import re
import sys
import tokenize
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from .. import paths
from ..build import micropython
from ..image import image
from ..problem import Problem
from . import faults

_PAGE = paths.ROOT / "docs" / "fault-table.md"
SUMMARY = paths.ROOT / "docs" / "safety.md"
_BEGIN, _END = "<!-- the fault table, written by `make report` -->\n", "<!-- end of the fault table -->\n"
LEVELS = ("cpython", "micropython")


def all_cells():
    return [*faults.cells(), *faults.others()]


def at_levels(node):
    """The faults.Trials of each level, of a node."""
    folder = image.build(node)
    python = {"cpython": sys.executable, "micropython": str(micropython.micropython())}
    return {level: faults.Trials(python[level], folder) for level in LEVELS}


def run(cells, trials):
    """[(cell, {level: what happened})], by as many processes as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        started = [(cell, {level: pool.submit(trials[cell.node][level].run, cell) for level in LEVELS}) for cell in cells]
        done = []
        for i, (cell, results) in enumerate(started):
            if sys.stderr.isatty():
                print(f"\r{i + 1} of {len(started)}: {cell.name:30}", end="", file=sys.stderr)
            done.append((cell, {level: result.result() for level, result in results.items()}))
    if sys.stderr.isatty():
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    return done


# ---- is it of the present code?


def check():
    """Whether the committed tables are of the present code; the exit code."""
    wanted = _mark(fingerprint())
    old = [path.name for path in (_PAGE, SUMMARY) if not path.exists() or wanted not in path.read_text("utf-8")]
    if old:
        print(f"{' and '.join(old)} in docs/ are of other code than this: run `make report`", file=sys.stderr)
    return 1 if old else 0


def fingerprint():
    """Of the code that the table depends on; comments, descriptions and line breaks do not count."""
    digest = sha256()
    for path in sources():
        digest.update(path.relative_to(paths.ROOT).as_posix().encode() + b"\n")
        digest.update(" ".join(_words(path.read_text("utf-8"))).encode())
    for text in (faults.EXPECTED, *[table for _, _, table in faults.OTHERS.values()], json.dumps(faults.PLANS)):
        digest.update(text.encode())
    return digest.hexdigest()[:16]


def sources():
    """The trial, and the firmware from the node down. SECoP, its ways in and the network have tests of their own, and a trial's
    time is virtual, not fast."""
    host = paths.BOARDS / "HOST"
    places = (host, host / "trial", host / "chips", paths.FIRMWARE)
    left = [host / "trial" / "trial.py", paths.FIRMWARE / "boot.py", paths.FIRMWARE / "main.py"]
    left += {image.node_file(cell.node) for cell in all_cells()}
    found = set()
    while left:
        path = left.pop()
        if path in found:
            continue
        found.add(path)
        for name in _imports(path):
            if name.split(".")[0] not in ("secnode", "transport", "net", "network", "fast"):
                left += [place / (name.replace(".", "/") + ".py") for place in places]
        if path.parent == paths.FIRMWARE / "drivers":
            left.append(host / "chips" / f"model_{path.name}")  # which its bus finds by the chip's name
        left = [p for p in left if p.exists()]
    return sorted(found)


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


_SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)


def _words(source):
    words = [w for w in tokenize.generate_tokens(io.StringIO(source).readline) if w.type not in _SILENT]
    line = []
    for word in words:
        if word.type in (tokenize.INDENT, tokenize.DEDENT):
            yield "{" if word.type == tokenize.INDENT else "}"
        elif word.type != tokenize.NEWLINE:
            line.append(word)
        else:
            # a line that is a text and nothing else only describes
            if len(line) > 1 or line[0].type != tokenize.STRING:
                yield from [w.string for w in line] + [";"]
            line = []


def _mark(code):
    return f"fingerprint {code}"


# ---- the tables

_EXPECTED = {
    "off": "off and told within {limit:g} s",
    "dead": "off and told within {limit:g} s, until a restart",
    "late": "off and told within {limit:g} s; needs the cut-out",
    "on": "carries on",
    "cold": "stays off",
    "less": "a warning and less power within {limit:g} s",
    "warns": "off within {limit:g} s, a warning",
    "warned": "a warning within {limit:g} s, carries on",
    "blind": "the status says that the guard is as good as off",
    "told": "told within {told:g} s; needs the cut-out",
    "bounded": "can't be told; below the maximum",
    "ends": "off within {limit:g} s, and after the restart",
    "resumes": "goes back to the target after the restart",
}


def write(found):
    """The whole into fault-table.md, the short of it into safety.md."""
    code = _mark(fingerprint())
    by_fault = {}  # of the node `oven` by the fault's name, of others by their group and it
    for cell, seen in found:
        by_fault.setdefault((cell.group, cell.fault), []).append((cell, seen))
    _PAGE.write_text(_page(by_fault, code), "utf-8")
    text = SUMMARY.read_text("utf-8")
    try:
        before, rest = text.split(_BEGIN)
        _, after = rest.split(_END)
    except ValueError:
        raise Problem(f"{SUMMARY} has lost the lines between which the table stands") from None
    SUMMARY.write_text(f"{before}{_BEGIN}\n{_summary(by_fault, code)}\n{_END}{after}", "utf-8")


def _summary(by_fault, code):
    lines = [f"<!-- {code} -->", "", _row(["", *faults.PHASES, "hottest"]), _row(["---"] * (len(faults.PHASES) + 2))]
    for (group, fault), row in by_fault.items():
        if not group:
            shorts = [_short(cell, seen) for cell, seen in row]
            lines.append(_row([_name(fault), *shorts, f"{max(_hottest(cell, seen) for cell, seen in row):+.0f} K"]))
    for group, (_, _, table) in faults.OTHERS.items():
        phases = [word.strip() for word in table.strip().splitlines()[0].split("|")][1:-1]
        lines += ["", _row([group, *phases, "hottest"]), _row(["---"] * (len(phases) + 2))]
        for (of, fault), row in by_fault.items():
            if of == group:
                shorts = {cell.phase: _short(cell, seen) for cell, seen in row}
                hottest = f"{max(_hottest(cell, seen) for cell, seen in row):+.0f} K"
                lines.append(_row([_name(fault), *(shorts.get(phase, "") for phase in phases), hottest]))
    return "\n".join(lines) + "\n"


def _words_of(fault):
    return (faults.FAULTS | faults.FAULTS_OF_OTHERS)[fault]


def _name(fault):
    return re.split("[:,]", _words_of(fault))[0]


def _short(cell, seen):
    if any(faults.judge(cell, found) for found in seen.values()):
        return "**deviates**"
    if cell.what in ("on", "cold", "bounded", "blind", "resumes"):
        return "stays off" if cell.what == "cold" else cell.what
    if cell.what == "warned":
        return f"warned {_latest(seen, 'warned')}"
    off, told = _latest(seen, "off"), _latest(seen, "told")
    if cell.what == "told":
        return f"told {told}"
    if cell.what == "less":
        return f"less {_latest(seen, 'warned')}"
    if cell.what in ("ends", "warns"):
        return f"{off}, {cell.what}"
    return f"{off} / {told}"


def _page(by_fault, code):
    lines = [
        "# The fault table",
        "",
        f"<!-- {code} -->",
        "Written by `make report`: each fault in each phase, once at each level (CPython, MicroPython), on the node `oven` and",
        "the simulated plant, in virtual time. What is expected stood in `tools/proof/faults.py` before. Times are seconds",
        "after the fault, the later of both levels (-: the heater had no power). *Hottest* is how near the block itself came",
        f"to the {faults.MAXIMUM} °C that the node allows (a furnace: 1150 °C). What the words mean: [safety.md](safety.md).",
        "",
    ]
    for (group, fault), row in by_fault.items():
        words = f"{group}, {_words_of(fault)}" if group else _words_of(fault)
        lines += [f"## {words[0].upper()}{words[1:]}", ""]
        lines.append(_row(["", "expected", "off after", "told after", "hottest", "switched off by", "what is said"]))
        lines.append(_row(["---"] * 7))
        for cell, seen in row:
            last = seen[LEVELS[-1]]
            words = [word for found in seen.values() for word in faults.judge(cell, found)]
            said = _said(cell, last) + (" **deviates: " + "; ".join(words) + "**" if words else "")
            expected = _expected(cell)
            times = ["", ""]
            if cell.what not in ("on", "cold", "bounded", "blind", "resumes"):
                off = {"told": "never", "less": "less", "warned": "carries on"}.get(cell.what) or _latest(seen, "off")
                times = [off, _latest(seen, "warned" if cell.what in ("less", "warned") else "told")]
            lines.append(_row([cell.phase, expected, *times, f"{_hottest(cell, seen):+.0f} K", _by(cell, last), said]))
        lines.append("")
    return "\n".join(lines)


def _expected(cell):
    if cell.what == "off" and cell.told != cell.limit:
        return f"off within {cell.limit:g} s, told within {cell.told:g} s"
    if cell.what == "on" and cell.limit:
        return f"carries on, within {cell.limit:g} K"
    return _EXPECTED[cell.what].format(limit=cell.limit, told=cell.told)


def _row(words):
    return "| " + " | ".join(words) + " |"


def _hottest(cell, seen):
    return max(found["peak"] for found in seen.values()) - cell.maximum


def _latest(seen, key):
    times = [found[key] for found in seen.values() if found.get(key) is not None]
    if not times:
        return "-"
    return f"{max(times):.1f}" if max(times) < 10 else f"{max(times):.0f}"


def _by(cell, found):
    """Who switched the heater off."""
    if cell.what in ("on", "bounded", "less", "warned", "blind", "resumes"):
        return ""
    if cell.what == "told":
        return "nobody can"
    if cell.what == "cold" or found["off"] is None:
        return "it was off"
    if found["by"] == "end":
        return {"reset": "the reset", "power cut": "the power cut"}.get(found["code"], "the program's end")
    return found["by"] or ""


def _said(cell, found):
    if cell.what in ("ends", "resumes"):
        return f"next start: {found['again']['started']}"
    if cell.fault == "client_floods" and found.get("jitter") is not None:
        return f"the control's period was off by {found['jitter']:g} ms at most"
    text = (
        found.get("text")
        or found.get("words")
        or ((found.get("status") or [0, ""])[1] if cell.what != "on" or cell.limit else "")
    )
    return re.sub(r" \(\d\d:\d\d:\d\d UTC\)$", "", text).replace("|", "/")
