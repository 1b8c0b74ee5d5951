"""The page that a node shows to browsers (tools/panel): put into one file, and packed as it goes over the wire.

What is in tools/panel is plain HTML, CSS and JavaScript: nothing has to be built to change it.
"""

import base64
import gzip
import hashlib
import re
from pathlib import Path

from ..problem import Problem

FILE = "panel"  # on a board
MOST = 16384  # bytes of it there
_FOLDER = Path(__file__).resolve().parent.parent / "panel"
_STYLE = re.compile(r'<link rel="stylesheet" href="([a-z]+\.css)">')
_SCRIPT = re.compile(r'<script src="([a-z]+\.js)"></script>\n?')


def html():
    """The page as one text, which loads nothing."""
    page = (_FOLDER / "index.html").read_text("utf-8")
    scripts = "".join(_shorter((_FOLDER / name).read_text("utf-8")) for name in _SCRIPT.findall(page))
    page = _STYLE.sub(lambda found: f"<style>{(_FOLDER / found[1]).read_text('utf-8')}</style>", page)
    first = _SCRIPT.search(page).start()
    page = _SCRIPT.sub("", page)
    return page[:first] + f"<script>{scripts}</script>\n" + page[first:]


def headers():
    """What tells a browser to run and load nothing but what is in the page, and to show it in no other page."""
    page = html()
    script, style = (_hash(re.search(f"<{tag}>(.*)</{tag}>", page, re.DOTALL)[1]) for tag in ("script", "style"))
    policy = {
        "default-src": "'none'", "script-src": script, "style-src": style, "img-src": "data:", "connect-src": "'self'",
        "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def response():
    """All that a board sends, from HTTP's first line on. Raises Problem where it is too long for a board."""
    body = gzip.compress(html().encode(), 9, mtime=0)
    found = {**headers(), "Content-Encoding": "gzip", "Content-Length": str(len(body)), "Connection": "close"}
    result = "".join(["HTTP/1.1 200 OK\r\n", *(f"{key}: {value}\r\n" for key, value in found.items()), "\r\n"]).encode() + body
    if len(result) > MOST:
        raise Problem(f"the page in {_FOLDER} takes {len(result)} bytes of flash, and may take {MOST}")
    return result


def _shorter(script):
    # comments on lines of their own, and what stands before a line
    lines = (line.strip() for line in script.splitlines())
    return "".join(line + "\n" for line in lines if line and not line.startswith("//"))


def _hash(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
