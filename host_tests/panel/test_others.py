"""A page of another origin, opened in a browser that may write to the node, can read nothing of it and change nothing."""

import contextlib
import http.server
import threading

import pytest

from host_tests.harness import split

from .conftest import opened

_PAGE = b"""<!doctype html><title>another origin</title><body><script>
const port = Number(new URLSearchParams(location.search).get("port"));
const heat = "*IDN?\\nchange heater:target 90\\n", seen = [];
const soon = promise => Promise.race([promise, new Promise(done => setTimeout(done, 1500, "nothing"))]);
const at = (scheme, host) => `${scheme}://${host}:${port}/`;
async function tries() {
  for (const host of ["127.0.0.1", "localhost"]) {
    const get = async (name, scheme, options) =>
      seen.push([name, host, await soon(fetch(at(scheme, host), options).then(r => r.text(), () => "refused"))]);
    await get("cors", "http", {});
    await get("credentials", "http", {credentials: "include"});
    await get("post", "http", {method: "POST", body: heat});
    await get("opaque", "http", {mode: "no-cors", method: "POST", body: heat});
    await get("https", "https", {});
    for (const scheme of ["ws", "wss"]) seen.push([scheme, host, await soon(new Promise(done => {
      const s = new WebSocket(at(scheme, host));
      s.onopen = () => { s.send("change heater:target 90"); done("open"); };
      s.onmessage = message => done(message.data);
      s.onerror = () => done("refused");
    }))]);
    seen.push(["image", host, await soon(new Promise(done => {
      const i = new Image(); i.onload = () => done("loaded"); i.onerror = () => done("refused"); i.src = at("http", host);
    }))]);
    seen.push(["script", host, await soon(new Promise(done => {
      const s = document.createElement("script");
      s.onload = () => done("loaded"); s.onerror = () => done("refused"); s.src = at("http", host);
      document.body.append(s);
    }))]);
    const frame = document.createElement("iframe");
    frame.src = at("http", host);
    const loaded = new Promise(done => { frame.onload = () => done(); });
    document.body.append(frame);
    await soon(loaded);
    let inside = "refused";
    try { inside = frame.contentDocument.body.innerText || "refused"; } catch { }
    seen.push(["iframe", host, inside]);
    const form = document.createElement("form"), text = document.createElement("textarea");
    form.method = "POST"; form.enctype = "text/plain"; form.action = at("http", host); form.target = "_blank";
    text.name = heat; form.append(text); document.body.append(form); form.submit();
  }
  return seen;
}
</script>"""


@pytest.fixture(scope="module")
def elsewhere():
    """The address of a page that belongs to somebody else."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_PAGE)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_it_reads_nothing_and_changes_nothing(browser, elsewhere, nodes):
    node = nodes("example_heater", clients=3)
    with node.connect() as wire:
        before = split(wire.ask("read heater:target"))[2][0]
        page = browser.new_context().new_page()
        page.goto(f"{elsewhere}?port={node.port}")
        found = page.evaluate("tries()")
        assert len(found) == 20
        # a fetch that the browser keeps from the page says nothing: ""
        assert {tuple(one) for one in found if one[2] not in ("refused", "nothing", "")} == set()
        assert split(wire.ask("read heater:target"))[2][0] == before != 90
        page.context.close()
    assert "Traceback" not in node.log


def test_the_page_itself_gets_through_meanwhile(browser, tab, elsewhere, nodes):
    """Or else the test above would prove nothing, and a hostile page could keep the node's own one out."""
    node = nodes("example_heater", clients=3)
    page = browser.new_context().new_page()
    page.goto(f"{elsewhere}?port={node.port}")
    page.evaluate("void tries()")
    opened(tab, node.port)
    page.context.close()


def test_a_name_that_was_turned_to_this_node(browser, nodes):
    """DNS rebinding: the page of evil.example, whose name means this node now."""
    node = nodes("example_heater", clients=3)
    from host_tests.hostile import browser as chromium

    found = browser.browser_type.launch(
        executable_path=chromium.program(), args=["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    )
    with contextlib.closing(found):
        page = found.new_page()
        response = page.goto(f"http://evil.example:{node.port}/")
        assert response.status == 403 and "no such name" in page.inner_text("body")
        opens = """port => new Promise(done => { const s = new WebSocket(`ws://evil.example:${port}/`);
            s.onopen = () => done("open"); s.onerror = () => done("refused"); })"""
        assert page.evaluate(opens, node.port) == "refused"
