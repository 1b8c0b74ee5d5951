"""The page that a node itself serves, in a real browser: what a person does with it."""

import pytest
from playwright.sync_api import expect

from host_tests import harness
from host_tests.harness import split, value
from tools.image import page as built

from .conftest import field, opened, why


def test_it_asks_nobody_else(tab, oven):
    opened(tab, oven.port)
    assert set(tab.asked) == {f"http://127.0.0.1:{oven.port}/", f"ws://127.0.0.1:{oven.port}/"}


def test_a_heater_is_driven_and_watched_to_its_target(tab, oven):
    opened(tab, oven.port)
    field(tab, "heater target").fill("40")
    field(tab, "heater target").press("Enter")
    card = tab.get_by_role("article", name="heater", exact=True)
    expect(card.locator(".badge")).to_contain_text("busy", timeout=10000)
    expect(card.locator(".badge")).to_contain_text("ready: at target", timeout=90000)
    assert 39 < float(card.locator(".value").inner_text().split()[0]) < 41
    assert "heater:value" in tab.locator("#legend").inner_text()
    assert "heater:value" in tab.locator("#plot").get_attribute("aria-label")
    with oven.connect() as wire:
        assert value(wire, "heater:target") == 40


def test_check_says_why_not_before_anything_is_changed(tab, oven):
    with oven.connect() as wire:
        before = value(wire, "heater:target")
    opened(tab, oven.port)
    field(tab, "heater target").fill("5000")
    expect(why(tab, "heater target")).to_contain_text("must be between")
    field(tab, "heater target").press("Enter")
    expect(field(tab, "heater target")).to_have_attribute("aria-invalid", "true")
    field(tab, "heater target").fill("no number")
    expect(why(tab, "heater target")).to_contain_text("has to be a number")
    with oven.connect() as wire:
        assert value(wire, "heater:target") == before


def test_stop_is_in_reach(tab, oven):
    opened(tab, oven.port)
    field(tab, "heater target").fill("90")
    field(tab, "heater target").press("Enter")
    card = tab.get_by_role("article", name="heater", exact=True)
    expect(card.locator(".badge")).to_contain_text("busy", timeout=10000)
    tab.get_by_role("button", name="Stop everything").click()
    with oven.connect() as wire:
        harness.wait(lambda: value(wire, "heater:status")[0] < 300, 10)


def test_two_browsers_see_the_same(browser, tab, oven):
    opened(tab, oven.port)
    other = browser.new_context().new_page()
    opened(other, oven.port)
    field(other, "heater target").fill("33")
    field(other, "heater target").press("Enter")
    now = tab.locator(".row", has=field(tab, "heater target")).locator(".now")
    expect(now).to_have_text("33")
    other.context.close()


def test_a_node_that_restarts(tab, oven):
    opened(tab, oven.port)
    oven.stop()
    expect(tab.locator("#old")).to_contain_text("No connection")
    assert "stale" in tab.locator("body").get_attribute("class")
    oven.start()
    expect(tab.locator("#link")).to_have_text("connected", timeout=30000)
    expect(tab.locator("#old")).to_be_hidden()
    assert "stale" not in (tab.locator("body").get_attribute("class") or "")


def test_where_no_place_is_free_it_says_so(tab, nodes):
    node = nodes("oven", clients=1)
    with node.connect() as wire:
        assert wire.ask("*IDN?").startswith("ISSE")
        tab.goto(f"http://127.0.0.1:{node.port}/")
        expect(tab.locator("#old")).to_contain_text("this node serves 1 clients at a time", timeout=15000)
    expect(tab.locator("#link")).to_have_text("connected", timeout=30000)


def test_who_may_only_read_is_told_so(tab, nodes):
    node = nodes("oven", settings={"access": {"web": "read"}})
    opened(tab, node.port)
    field(tab, "heater target").fill("40")
    field(tab, "heater target").press("Enter")
    expect(why(tab, "heater target")).to_contain_text("read, not write")


def test_texts_of_a_node_are_text(tab, nodes, tmp_path):
    evil = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
    file = tmp_path / "evil.py"
    file.write_text(f"""
from secnode.datainfo import String
from secnode.module import Parameter, Readable
from secnode.node import Node


class Evil(Readable):
    value = Parameter(String(isUTF8=True), description={evil!r})


def node(board):
    evil = Evil(name="evil", description={evil!r}, group={evil!r})
    evil.value = {evil!r}
    return Node(equipment_id="x_evil", description={evil!r}, modules=(evil,))
""")
    node = nodes(file)
    opened(tab, node.port)
    assert evil in tab.locator("article").inner_text() and evil in tab.locator("header").inner_text()
    assert tab.title() == "x_evil" and tab.locator("img").count() == 0


def test_a_phone_can_show_it(browser, oven):
    page = browser.new_context(viewport={"width": 360, "height": 640}, is_mobile=True).new_page()
    opened(page, oven.port)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()


def test_by_the_keyboard_alone(tab, oven):
    opened(tab, oven.port)
    for _ in range(20):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.getAttribute('aria-label')") == "heater target":
            break
    tab.keyboard.press("Control+A")
    tab.keyboard.type("35")
    tab.keyboard.press("Enter")
    with oven.connect() as wire:
        harness.wait(lambda: value(wire, "heater:target") == 35, 10)


def test_each_control_has_a_name(tab, oven):
    opened(tab, oven.port)
    tab.locator("summary").first.click()
    nameless = """[...document.querySelectorAll('input,select,button,textarea')].filter(
        e => !e.hidden && !e.getAttribute('aria-label') && !(e.labels && e.labels.length) && !e.textContent.trim()).length"""
    assert tab.evaluate(nameless) == 0


@pytest.mark.parametrize("node", ["vector_magnet", str(harness.NODES / "bench.py")])
def test_editors_of_all_data_types(tab, nodes, node):
    """Each module is drawn, and what is changed by a field is what the node then has."""
    running = nodes(node)
    opened(tab, running.port)
    with running.connect() as wire:
        report = split(wire.ask("describe"))[2]
        assert tab.locator("article").count() == len(report["modules"])
        if node == "vector_magnet":
            for i, part in enumerate(("0.1", "0.2", "0.3")):
                tab.get_by_label(f"mf target {i}", exact=True).fill(part)
            tab.get_by_label("mf target 2", exact=True).press("Enter")
            harness.wait(lambda: [round(x, 3) for x in value(wire, "mf:target")] == [0.1, 0.2, 0.3], 10)


def test_the_page_is_small():
    assert len(built.response()) <= built.MOST
