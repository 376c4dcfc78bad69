"""Every page in a real browser on the running demo: it opens, says nothing on the console, and is accessible."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.page.conftest import TOKEN
from tests.page.fetched import fetched

pytestmark = pytest.mark.timeout(900)

SHOTS: Final = Path(__file__).parents[2] / "artefacts" / "page"
"""Screenshots, for a person to look at; git ignores the folder."""
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def critical(demo: str) -> Any:
    """The critical exception of a container."""
    found = fetched(f"{demo}/v1/exceptions?severity=critical")["exceptions"]
    return next(each for each in found if each["container"])


def container_of(demo: str) -> str:
    return str(critical(demo)["container"])


async def opened(browser: Any, url: str, **context: Any) -> tuple[Any, list[str]]:
    """A page, and what it said on its console or failed to load."""
    page = await (await browser.new_context(**{"locale": "en-GB", **context})).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url) if "/live" not in request.url else None)
    await page.goto(url, wait_until="load")
    return page, said


async def test_every_page_opens_without_a_word_on_the_console_and_without_axe_violations(
    browser: Any, demo: str, axe: str
) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    box = container_of(demo)
    pages = {
        "overview": "/",
        "exceptions": "/exceptions",
        "nodes": "/nodes",
        "node": "/nodes/KZ-ALTYNKOL",
        "corridors": "/corridors",
        "corridor": "/corridors/middle",
        "container": f"/containers/{box}",
        "exception": f"/exceptions/{critical(demo)['id']}",
        "search": "/search?q=nothing+like+it",
        "missing": "/nodes/KZ-NOWHERE",
        "carriers": "/carriers",
        "carrier": "/carriers/ktz-express",
    }
    narrow = ("overview", "container", "exceptions")
    for scheme, width, names in (("light", 1500, pages), ("dark", 900, narrow)):
        for name in names:
            path = pages[name]
            page, said = await opened(
                browser, demo + path, color_scheme=scheme, viewport={"width": width, "height": 1000}, bypass_csp=True
            )
            await page.add_script_tag(content=axe)
            found = await page.evaluate(f"axe.run({{runOnly: {json.dumps(WCAG)}}})")
            wrong = [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]
            assert wrong == [], f"{name}, {scheme}"
            assert [each for each in said if "404" not in each] == [], name
            await page.screenshot(path=SHOTS / f"{name}-{scheme}.png", full_page=True)
            await page.context.close()


async def test_a_container_number_leads_to_its_page_and_a_train_to_its_containers(browser: Any, demo: str) -> None:
    box = container_of(demo)
    page, said = await opened(browser, demo)
    await page.fill("#q", f" {box[:4].lower()} {box[4:10]}-{box[10]} ")
    await page.press("#q", "Enter")
    await page.wait_for_url(f"**/containers/{box}")
    assert box in await page.inner_text("h1")
    reports = fetched(f"{demo}/v1/containers/{box}")["reports"]
    train = next(each["train"] for each in reports if "train" in each)
    await page.fill("#q", train)
    await page.click("header button")
    await page.wait_for_url("**/search**")
    assert box in await page.inner_text("main")
    assert said == []


async def test_exceptions_are_filtered_by_a_click(browser: Any, demo: str) -> None:
    page, _ = await opened(browser, f"{demo}/exceptions")
    await page.click(".filters a:text-is('critical')")
    await page.wait_for_url("**/exceptions?**severity=critical**")
    assert set(await page.locator("td .severity").all_inner_texts()) == {"critical"}


async def test_an_exception_is_taken_on_without_a_script_and_not_without_the_token(browser: Any, demo: str) -> None:
    found = critical(demo)["id"]
    page, _ = await opened(browser, f"{demo}/exceptions/{found}", java_script_enabled=False)
    for token, words in (("not-the-token-at-all", "not the right one"), (TOKEN, "terminal called")):
        await page.fill("#taking-by", "Aigerim, night shift")
        await page.fill("#taking-note", "terminal called")
        await page.fill("#taking-token", token)
        await page.click(".taking button")
        assert words in await page.inner_text("main")
    assert page.url == f"{demo}/exceptions/{found}"
    said = fetched(f"{demo}/v1/exceptions/{found}")["acknowledgement"]
    assert (said["by"], said["note"]) == ("Aigerim, night shift", "terminal called")


async def test_the_page_renews_itself_without_being_loaded_again(browser: Any, demo: str) -> None:
    page, said = await opened(browser, demo)
    before = await page.inner_text("#state time")
    await page.evaluate("window.same = true")
    expect = pytest.importorskip("playwright.async_api").expect
    await expect(page.locator("#state time")).not_to_have_text(before, timeout=120_000)
    assert await page.evaluate("window.same")
    assert said == []


async def test_the_page_reads_without_a_script_and_in_other_languages(browser: Any, demo: str) -> None:
    page, _ = await opened(browser, demo, java_script_enabled=False)
    assert re.search(r"\d", await page.locator(".tile b").first.inner_text())
    for language, word in (("ru", "Обзор"), ("zh", "概览")):
        page, _ = await opened(browser, f"{demo}/?lang={language}")
        assert await page.inner_text("h1") == word
        await page.click("header nav a:nth-child(3)")
        assert await page.get_attribute("html", "lang") == language, "the choice is remembered"
    assert "Алтынколь" in await (await opened(browser, f"{demo}/nodes?lang=ru"))[0].inner_text("main")


async def test_the_keyboard_reaches_content_and_nodes_of_the_map(browser: Any, demo: str) -> None:
    page, _ = await opened(browser, demo)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.locator("a.node").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/nodes/**")
