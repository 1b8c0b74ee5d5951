"""A web page that does what it can to have a node carry out its lines, and a real browser that opens it."""

import contextlib
import http.server
import json
import os
import shutil
import signal
import socketserver
import subprocess
import tempfile
import threading

import pytest

from host_tests import harness

_PATIENCE = 90  # s for all tries
_ROUNDS = 40
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
# each way to send a body, or words of one's own, that HTML has; the page says when it is through
_PAGE = """<!doctype html><title>tries</title><body><script>
const port = %(port)d, lines = %(lines)s, plain = {"Content-Type": "text/plain"};
const node = `http://127.0.0.1:${port}/`, wait = ms => new Promise(done => setTimeout(done, ms));
const soon = promise => Promise.race([promise.catch(() => 0), wait(400)]);
const post = (url, body) => soon(fetch(url, {method: "POST", mode: "no-cors", headers: plain, body}));
const xhr = body => soon(new Promise(done => {
  const x = new XMLHttpRequest(); x.onloadend = done; x.open("POST", node);
  x.setRequestHeader("Content-Type", "text/plain"); x.send(body);
}));
const form = body => {
  const made = name => document.createElement(name), frame = made("iframe"), f = made("form"), field = made("textarea");
  frame.name = "f" + Math.random(); f.method = "POST"; f.enctype = "text/plain"; f.action = node; f.target = frame.name;
  field.name = body; field.value = body; f.append(field); document.body.append(frame, f); f.submit();
  return wait(100).then(() => { frame.remove(); f.remove(); });
};
const socket = url => soon(new Promise(done => {
  const s = new WebSocket(url); s.onerror = s.onclose = done; s.onopen = () => { s.send(lines); done(); };
}));
const image = url => soon(new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = url; }));
(async () => {
  for (let i = 0; i < %(rounds)d; i++) {
    const body = lines.repeat(1 + (i %% 7) * 40);
    await Promise.all([post(node, body), post(node + "?" + encodeURIComponent(lines), body)]);
    await Promise.all([post(node + "x".repeat(900), body), post(node + "x".repeat(3000), body)]);
    await Promise.all([xhr(body), post(node, new Blob(["\\n", body])), post(node, new URLSearchParams([[body, body]]))]);
    navigator.sendBeacon(node, body);
    if (i %% 5 == 0) {
      await form("\\n" + lines);
      await Promise.all(["ws", "wss"].map(scheme => socket(`${scheme}://127.0.0.1:${port}/`)));
      await post(`https://127.0.0.1:${port}/`, body);
      await image(node + encodeURIComponent(lines));
    }
  }
  await fetch("/done");
})();
</script>"""


def program():
    """The browser's path. Where there is none the test is skipped by name; CI has to have one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        assert not harness.in_ci(), "chromium is missing"
        pytest.skip("chromium is missing here")
    return found


def visit(port, lines, rounds=_ROUNDS):
    """Have a browser open a page of another origin that sends `lines`, in every way it knows, to a port of this machine."""
    done = threading.Event()
    page = (_PAGE % {"port": port, "lines": json.dumps(lines), "rounds": rounds}).encode()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/done":
                done.set()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args):
            pass  # pytest's output is for the tests

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [program(), *_FLAGS, f"--user-data-dir={profile}", f"http://127.0.0.1:{server.server_port}/"]
        with tempfile.TemporaryFile() as said:
            browser = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
                env={**os.environ, "HOME": profile},
            )  # fmt: skip
            try:
                assert done.wait(_PATIENCE), f"the browser did not come to the page's end: {harness.printed(said)[-2000:]}"
            finally:
                # all of its processes, which are in a session of their own
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(browser.pid, signal.SIGKILL)
                browser.wait()
                server.shutdown()


class Naive:
    """What a node was: it answers line by line, whatever the first one is. `lines` are those it was sent."""

    def __init__(self):
        self.lines = lines = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError):
                    for line in self.rfile:
                        lines.append(line.strip().decode(errors="replace"))
                        self.wfile.write(b"error_x  []\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
