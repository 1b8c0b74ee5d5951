"""The pictures of docs/ that `make report` does not make: the page in a browser, the monitor, what grows.

python -m host_tests.docs.pictures [panel] [monitor] [growth]        makes them anew; all of them without a name

The page and the monitor are photographed by Debian's Chromium; what grows is drawn from the numbers in docs/performance.md.
"""

import argparse
import asyncio
import contextlib
import sys
import time

from host_tests import harness
from host_tests.bench import growth as curves
from host_tests.hostile import browser as chromium
from tools import paths
from tools.client import watch
from tools.client.screen import Monitor

FOLDER = paths.ROOT / "docs" / "pictures"
_SPEED = 5  # times faster: its guard would trip of much more where a PC is busy
_WARM = 16  # s that the oven is watched on its way to a target


@contextlib.contextmanager
def tab(width, height, scale=1):
    """A tab of Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        viewport = {"width": width, "height": height}
        yield browser.new_context(viewport=viewport, device_scale_factor=scale).new_page()
        browser.close()


@contextlib.contextmanager
def oven():
    node = harness.NodeProcess("cpython", "oven", speed=_SPEED)
    try:
        yield node
    finally:
        node.stop()


def panel(path, warm=_WARM):
    """An oven in the browser, on its way to a second target."""
    with oven() as node, tab(1200, 1000) as page:
        page.goto(f"http://127.0.0.1:{node.port}/")
        page.locator("article .age", has_text="now").first.wait_for()
        for target in ("60", "75"):
            field = page.get_by_label("heater target", exact=True).first
            field.fill(target)
            field.press("Enter")
            time.sleep(warm)
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": 1200, "height": 830})


def monitor(path, warm=_WARM):
    """The same oven in the terminal; gives the drawing, SVG."""
    with oven() as node:
        drawing = asyncio.run(_monitor(node, warm))
    with tab(1400, 1000) as page:
        page.set_content(f'<body style="margin:0">{drawing}</body>')
        page.locator("svg").first.screenshot(path=path)
    return drawing


async def _monitor(node, warm):
    watched = watch.Watch(node.uri)
    try:
        await watched.connect()
        app = Monitor(watched, None, "heater")
        async with app.run_test(size=(124, 34)) as pilot:
            await asyncio.sleep(warm / 4)
            with node.connect() as wire:
                wire.ask("change heater:ramp 40")  # K/min, so that its curves lie apart
                wire.ask("change heater:ramp_enable true")
                wire.ask("change heater:target 60")
            await asyncio.sleep(warm)
            await pilot.pause(0.2)
            return app.export_screenshot(title="secnode monitor")
    finally:
        await watched.close()


def growth(path):
    """What grows, as docs/performance.md has it."""
    return curves.draw(curves.published(), path)


PICTURES = {"panel": panel, "monitor": monitor, "growth": growth}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PICTURES, []], default=[])
    for name in parser.parse_args().names or PICTURES:
        PICTURES[name](FOLDER / f"{name}.png")
        print(FOLDER / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
