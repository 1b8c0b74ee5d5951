"""A real browser, Debian's Chromium, and nodes for it to look at."""

import pytest

from host_tests import harness
from host_tests.hostile import browser as chromium

level = harness.level_fixture("cpython", "frozen")  # board-like the simulated oven itself leaves no room


@pytest.fixture(scope="module")
def browser():
    """Chromium, without a window. While it is open asyncio.run() fails in this process: others' tests need that."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        assert not harness.in_ci(), "playwright is missing"
        pytest.skip("playwright is missing here")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium.program(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture
def tab(browser):
    """A new tab, `tab.asked` has the addresses of all that it asks for; nothing may go wrong in it."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("websocket", lambda socket: page.asked.append(socket.url))
    page.on("pageerror", lambda e: page.wrong.append(str(e)))
    yield page
    wrong = page.wrong
    context.close()
    assert not wrong


@pytest.fixture
def oven(nodes, level):
    """A node with a heater, whose time passes 5 times faster: its guard would trip of much more where a PC is busy."""
    return nodes("oven", speed=5)


def opened(tab, port):
    """Open the page of a node, and wait until it shows values."""
    tab.goto(f"http://127.0.0.1:{port}/")
    tab.locator("#link", has_text="connected").wait_for()
    tab.locator("article .age", has_text="now").first.wait_for()


def field(tab, specifier):
    """The input of a parameter."""
    return tab.get_by_label(specifier, exact=True).first


def why(tab, specifier):
    """What is said at a field."""
    return tab.locator("form", has=field(tab, specifier)).locator(".why")
