"""What a reader can do on a page, done by keyboard on every size of screen, in light and dark, from a file.

The pages are a small book made here, so that each answer is known."""

import json
import re
from base64 import b64encode
from contextlib import contextmanager
from itertools import pairwise
from math import log10
from xml.etree import ElementTree

import pytest
from conftest import ROOT, none_of
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_pages import violations

from book import axis, body, colour, markdown, pages, repository, words

GOLDEN = ROOT / "helpers" / "tests" / "golden"
CHARTED = (GOLDEN / "dots-ordinary.svg").read_text(encoding="utf-8")
TOLD = dict(re.findall(r"<title>([^<:]+): median ([^<,]+),", CHARTED))
CALL = TOLD["getppid, libc"]
WORDS = """# The words of it

What we mean.

## All of them

| word | what we mean by it | in whose frame |
|---|---|---|
| **kernel** | the program with all privileges | the machine |
| **poll** (a future) | to say "go on" | the executor |
| **poll** (a device) | to ask again | the thread |
"""
SCREENS = [(width, scheme) for width in (360, 768, 1280) for scheme in ("light", "dark")]
everywhere = pytest.mark.parametrize(("width", "scheme"), SCREENS)


def shown(html="", plain="words"):
    return [new_output("execute_result", {"text/html": html, "text/plain": plain} if html else {"text/plain": plain})]


def code(source, outputs=()):
    cell = new_code_cell(source, outputs=list(outputs))
    times = {"iopub.execute_input": "2026-01-01T00:00:00Z", "shell.execute_reply": "2026-01-01T00:00:01Z"}
    cell.metadata["execution"] = times
    return cell


def figure(name, caption="Claim: it is so. Here: shown."):
    """A chart as a notebook's output has it."""
    picture = b64encode((GOLDEN / f"{name}.svg").read_bytes()).decode()
    return (
        f'<figure style="margin:0"><img alt="A chart of {name}" src="data:image/svg+xml;base64,{picture}">'
        f"<figcaption>{caption}</figcaption></figure><details><summary>Data</summary><table><thead><tr><th>what</th>"
        "<th>median</th><th>n</th></tr></thead><tbody><tr><td>getppid, libc</td><td>164 ns</td><td>224</td></tr>"
        "<tr><td>epoll</td><td>912 ns</td><td>4</td></tr></tbody></table></details>"
    )


def chapter(title, *more):
    filler = new_markdown_cell("## A later section\n\n" + "The kernel waits, and we poll it.\n\n" * 40)
    return new_notebook(cells=[new_markdown_cell(f"# {title}\n\nSome words about the kernel."), *more, filler])


@pytest.fixture(scope="session")
def little(tmp_path_factory):
    """A book of two chapters."""
    asking = [
        new_markdown_cell(
            "## What does it cost?\n\n`kernel` is code, and [a kernel](#x) a link.\n\n"
            "<details><summary>More</summary>\n\nfolded\n\n</details>"
        ),
        code('let guess: Guess = predict("one system call");'),
        code("guess.against(&call)", shown(plain=f"Here it is {CALL}. What would you have said? Add .at(…).")),
        code(
            "chart::dots([&call])", shown(figure("dots-ordinary"), "A system call takes 114 times as long\nand so on")
        ),
        code("chart::line(&call)", shown(figure("line-timings"), "And another chart\nand so on")),
        code('vote("it is dear", "it is cheap")', shown(plain="“it is dear” or “it is cheap”? Add .first() and so on")),
        code("rulings([COST])", shown('<table class="rulings"><tr><th>question</th></tr></table>')),
    ]
    place = tmp_path_factory.mktemp("little")
    document = place / "words.md"
    document.write_text(WORDS, encoding="utf-8")
    books = {"10-first": chapter("The first, asked", *asking), "20-second": chapter("The second")}
    site = place / "site"
    weights = pages.publish(
        {ROOT / "notebooks" / f"{name}.ipynb": book for name, book in books.items()}, site, [document]
    )
    return site, dict(weights)


@contextmanager
def reading(little, browser, file, width=1280, scheme="light", quiet=True, **options):
    """A page in a browser that has read nothing before; fails on any complaint and on any request."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", **options
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    wrong = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith(("data:", "file:", "blob:")) else None,
    )
    page.goto(f"file://{little[0] / file}")
    yield page
    none_of(wrong if quiet else [])
    context.close()


def until(page, condition):
    """Waits for something on the page; its own policy forbids Playwright's way of doing so."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never came true: {condition}")


def again(page, act, remembered):
    """What is done on a page, and the page read again. On a busy machine Chromium now and then loses for good what a page
    has kept a moment before, so it may be done more than once."""
    for _ in range(5):
        act()
        page.reload()
        if remembered():
            return
    pytest.fail("what was kept isn't there when the page is read again")


FIRST = "10-first.html"
LITTLE = ["index.html", "search.html", "words.html", "book.html", "10-first.html", "20-second.html"]


@everywhere
def test_lists_of_chapters_and_sections(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        if width < 1216:
            page.locator(".menu summary").press("Enter")
        there = page.locator(".contents-list:visible")
        assert there.count() == 1
        assert there.locator("[aria-current=page]").inner_text() == "10 The first"
        section = there.get_by_role("link", name="A later section")
        section.focus()
        page.keyboard.press("Enter")
        until(page, "document.querySelector('.sections [aria-current=location]')?.textContent === 'A later section'")
        assert page.locator(".menu .now").text_content() == " · A later section"
        assert page.evaluate("document.querySelector('#A-later-section').getBoundingClientRect().top") < 400
        if width < 1216:
            assert not page.evaluate("document.querySelector('.menu').open")


@everywhere
def test_arrow_keys_turn_pages_but_not_where_they_have_another_meaning(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.locator(".find input").focus()
        page.keyboard.press("ArrowRight")
        page.locator("#guess-1").press("ArrowRight")
        assert page.url.endswith(FIRST)
        page.locator("#content").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**/20-second.html")
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(f"**/{FIRST}")
        assert page.locator("a[rel=next]").is_visible()
        assert page.locator(".aside.next").is_visible() == (width >= 1216)


@everywhere
def test_skip_link_and_heading_anchors(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        link = page.locator("#A-later-section .anchor-link")
        link.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert link.get_attribute("aria-label") and link.evaluate("link => getComputedStyle(link).opacity") == "1"


@everywhere
def test_colours_stay_as_they_were_chosen_and_charts_follow(little, browser, width, scheme):
    ground = "() => getComputedStyle(document.querySelector('.shown svg rect')).fill"
    light, dark = "rgb(255, 255, 255)", f"rgb{tuple(bytes.fromhex(colour.dark('#ffffff')[1:]))}"
    with reading(little, browser, FIRST, width, scheme) as page:
        assert page.evaluate(ground) == (dark if scheme == "dark" else light)
        other = "light" if scheme == "dark" else "dark"

        def choose():
            page.locator(".colours select").press(other[0])
            assert page.evaluate(ground) == (dark if other == "dark" else light)

        again(page, choose, lambda: page.evaluate(ground) == (dark if other == "dark" else light))
        page.locator(".colours select").press("a")
        assert page.evaluate(ground) == (dark if scheme == "dark" else light)


@everywhere
def test_search(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.locator(".find input").fill("privileges")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=privileges")
        assert page.locator(".hits").inner_text() == "1 section."
        assert page.locator(".places li:visible mark").inner_text() == "privileges"
        page.locator("#query").fill("nobody <b>wrote(this")
        assert page.locator(".places li:visible").count() == 0
        page.locator("#query").fill("later kern")
        assert page.locator(".places li:visible").count() == 2
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/*-*.html#A-later-section")


@everywhere
def test_words_say_what_they_mean(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        term = page.locator("a.term", has_text="kernel")
        assert term.count() == 1, "the first use on a page, and no other"
        page.locator("#content").focus()
        page.keyboard.press("Tab")
        while not page.evaluate("document.activeElement.matches('a.term')"):
            page.keyboard.press("Tab")
        assert page.locator(".tip").inner_text() == "the program with all privileges (frame: the machine)"
        page.keyboard.press("Escape")
        assert page.locator(".tip").is_hidden()
        term.hover()
        assert page.locator(".tip").is_visible()
        inside = page.locator(".tip").bounding_box()
        assert inside["x"] >= 0 and inside["x"] + inside["width"] <= width
        term.press("Enter")
        page.wait_for_url("**/words.html#word-kernel")
        assert page.locator("#word-kernel").count() == 1


@everywhere
def test_marks_tell_their_values(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.locator("button[name=show]").click()
        marks = page.locator(".shown svg").first.locator("g[data-name]")
        marks.first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        name = list(TOLD)[2]
        assert page.locator(".tip").inner_text().startswith(f"{name}: median {TOLD[name]}, 95 % interval")
        assert marks.nth(2).get_attribute("aria-label").startswith(f"{name}: median")
        assert page.locator("g[data-name='getppid, libc']").first.get_attribute("aria-label").endswith(", n 224")
        assert page.locator("g[data-name=epoll]").first.get_attribute("aria-label") == "epoll, median 912 ns, n 4"
        stops = page.locator(".shown svg").first.locator("g[tabindex='0']")
        assert stops.count() == 1, "one stop of the Tab key for each chart"
        page.keyboard.press("Escape")
        page.locator(".shown svg").first.hover()
        box = marks.first.locator("circle").last.bounding_box()
        page.mouse.move(box["x"] + 3, box["y"] + 3)
        assert page.locator(".tip").inner_text().startswith(f"{next(iter(TOLD))}: median")


def test_data_code_and_pictures_can_be_taken_along(little, browser):
    with reading(
        little, browser, FIRST, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True
    ) as page:
        page.locator("button[name=show]").click()
        page.locator(".tools button").first.press("Enter")
        until(page, "document.querySelector('.tools button').textContent === 'Copied'")
        assert (
            page.evaluate("navigator.clipboard.readText()")
            == "what\tmedian\tn\ngetppid, libc\t164 ns\t224\nepoll\t912 ns\t4"
        )
        page.locator(".copy").first.press("Enter")
        until(page, "document.querySelector('.copy').textContent === 'Copied'")
        assert page.evaluate("navigator.clipboard.readText()").startswith("let guess: Guess")
        with page.expect_download() as saved:
            page.locator(".tools button").nth(1).press("Enter")
        picture = saved.value.path().read_text(encoding="utf-8")
        assert saved.value.suggested_filename.endswith(".svg") and "light-dark" not in picture
        assert ElementTree.fromstring(picture).tag.endswith("svg")


ANSWER = ".output[data-tells='1'] .told"
CHART = ".output[data-tells='1'] svg"


# Axes that end where a decade does, that don't, and that are as short as one may be.
@pytest.mark.parametrize(
    ("low", "high"), [(1, 1e6), (2, 9e5), (2, 1e4), (1.5, 1900), (1, 1e10), (30, 2e11), (0.01, 8e3)]
)
@pytest.mark.parametrize("width", [360, 768])
def test_a_slider_names_no_place_beyond_its_end(little, browser, tmp_path, width, low, high):
    html = (little[0] / FIRST).read_text(encoding="utf-8")
    kind = "time" if low >= 1 else "ratio"
    for name, value in {"kind": kind, "scale": "log", "low": low, "high": high}.items():
        html, count = re.subn(rf'(<form [^>]*class="ask"[^>]* data-{name}=")[^"]*', rf"\g<1>{value}", html)
        assert count == 1
    (tmp_path / FIRST).write_text(html, encoding="utf-8")
    with reading([tmp_path], browser, FIRST, width) as page:
        form, *labels = (
            page.evaluate("""() => [document.querySelector('form.ask'), ...document.querySelectorAll('.ends span')]
            .map(e => e.getBoundingClientRect()).map(({left, right}) => [left, right])""")
        )
        assert 4 <= len(labels) <= 7
        assert all(form[0] < left and right < form[1] for left, right in labels)
        assert all(one[1] < other[0] for one, other in pairwise(labels))


def say(page):
    """Guesses by keyboard, and tells what."""
    slider = page.locator("#guess-1")
    slider.press("Home")
    for _ in range(3):
        slider.press("PageUp")
    said = slider.get_attribute("aria-valuetext")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    return said


def forget(page):
    if page.locator(".yours").is_visible():
        page.locator(".yours button").press("Enter")


@everywhere
def test_a_guess_comes_before_its_answer(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.locator(CHART).wait_for(state="attached")
        assert not page.locator(ANSWER).is_visible() and not page.locator(CHART).is_visible()
        assert page.locator(".shown svg").last.is_visible(), "only the chart of the answer is covered"
        slider = page.locator("#guess-1")
        assert slider.get_attribute("aria-valuetext")
        said = say(page)
        sentence = page.locator(".ask output").inner_text()
        assert sentence.startswith(f"You said {said}. Here it was {CALL}: ") and "times" in sentence
        assert page.locator(ANSWER).inner_text() == sentence and page.locator(CHART).is_visible()
        across, row = page.evaluate(f"""() => {{
            const points = document.querySelector("{CHART} .own.guess path").getAttribute("d").match(/[\\d.]+/g);
            return [Number(points[0]), Number(points[1]) + 8];
        }}""")
        value, kind = axis.quantity(said)
        _, scale, low, high, begin, end, unit = page.locator(CHART).get_attribute("data-axis").split()
        at = on_axis(value, scale, *map(float, (low, high, begin, end)))
        low, high = sorted((float(begin), float(end)))
        assert kind == unit == "time" and abs(across - min(max(at, low - 10), high + 10)) < 0.5
        own = page.locator(f"{CHART} g[data-name='getppid, libc'] circle").last
        assert row == float(own.get_attribute("cy")), "on the row of what was guessed"
        answered = page.locator(ANSWER).is_visible
        again(page, lambda: answered() or say(page), answered)
        assert page.locator(ANSWER).inner_text() == sentence, "what was said is remembered"
        assert page.locator(".yours li").inner_text() == f"one system call: {sentence}"
        forget(page)
        assert not answered() and page.locator(".yours").is_hidden()
        assert page.locator(f"{CHART} .own").count() == 0
        again(page, lambda: forget(page), lambda: not answered())


def on_axis(value, scale, low, high, begin, end):
    of = log10 if scale == "log" else float
    return begin + (end - begin) * (of(value) - of(low)) / (of(high) - of(low))


@everywhere
def test_who_says_nothing_is_told_nothing_but_the_answer(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.locator("button[name=show]").press("Enter")
        assert page.locator(".ask output").inner_text() == f"Here it was {CALL}."
        assert page.locator(CHART).is_visible() and page.locator(".own").count() == 0
        assert "You said" not in page.locator("main").inner_text()


@everywhere
def test_votes(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:

        def vote():
            page.locator("form.vote input").first.focus()
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
            assert page.locator(".yours li").inner_text() == "You believed “it is cheap”."

        again(page, vote, page.locator("form.vote input").nth(1).is_checked)
        page.locator(".yours button").press("Enter")
        assert page.locator("form.vote input:checked").count() == 0 and page.locator(".yours").is_hidden()


def test_chapters_that_are_open_together_forget_nothing_of_each_other(little, browser):
    with reading(little, browser, FIRST) as page:
        key = "'concurrency-measured'"
        page.evaluate(f'localStorage.setItem({key}, \'{{"guesses": {{"another chapter: x": {{"value": 1}}}}}}\')')
        page.locator("form.vote input").first.press("Space")
        kept = page.evaluate(f"JSON.parse(localStorage.getItem({key}))")
        assert kept["guesses"] == {"another chapter: x": {"value": 1}} and kept["votes"]


def record(**more):
    timing = {"name": "getppid, libc", "samples": [300, 200, 1000]}
    return {
        "form": 1,
        "notebook": "x",
        "machine": {"cpu": {"Ok": "<img src=x onerror=alert(1)>"}},
        "timings": [timing],
        **more,
    }


def dropped(page, name, content):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    page.locator(".compare input").set_input_files({"name": name, "mimeType": "application/json", "buffer": content})


@everywhere
def test_another_machine_appears_beside_this_one(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme) as page:
        page.locator("button[name=show]").click()
        dropped(page, "mine.json", record())
        page.locator(".ratios table").wait_for()
        cells = page.locator(".ratios td").all_inner_texts()
        assert cells == ["getppid, libc", CALL, "300 ns", f"{300 / axis.quantity(CALL)[0]:.2f}"]
        mark = page.locator(f"{CHART} .own.other circle")
        _, scale, *numbers, _ = page.locator(CHART).get_attribute("data-axis").split()
        assert abs(float(mark.get_attribute("cx")) - on_axis(300, scale, *map(float, numbers))) < 0.5
        assert "<img src=x" in page.locator(".remark").inner_text(), "what a file says is text"
        page.locator(".ratios button").press("Enter")
        assert page.locator(".own").count() == 0 and page.locator(".ratios table").count() == 0


def test_a_file_may_be_dropped_anywhere(little, browser):
    with reading(little, browser, FIRST) as page:
        page.evaluate(
            """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "mine.json"));
            document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }""",
            json.dumps(record()),
        )
        page.locator(".ratios table").wait_for()


HOSTILE = {
    "it is not JSON": b"\xff\xfe{",
    "it is JSON, but no record": [1, 2, 3],
    "no record of this book": None,
    "form 2": record(form=2),
    "taken by another method": record(
        timings=[{"name": "x", "samples": [1]}], published={"source": "a paper", "method": "another"}
    ),
    "it holds no timings": record(
        timings=[None, 3, {"name": 4, "samples": [1]}, {"name": "x", "samples": ["1"]}, {"name": "y", "samples": []}]
    ),
    "nothing in it was measured on this page": record(
        timings=[{"name": "__proto__", "samples": [1]}, {"name": "constructor", "samples": [2]}]
    ),
}


@pytest.mark.parametrize("reason", HOSTILE)
def test_a_hostile_file_gets_a_sentence(little, browser, reason):
    with reading(little, browser, FIRST) as page:
        dropped(page, "mine.json", record())
        page.locator(".ratios table").wait_for()
        dropped(page, "hostile.json", HOSTILE[reason])
        until(page, "document.querySelector('.remark').textContent.includes('cannot be compared')")
        assert reason in page.locator(".remark").inner_text()
        assert page.locator(".own").count() == 0 and page.locator(".ratios table").count() == 0


def test_numbers_beyond_the_axis_stay_in_the_picture(little, browser):
    with reading(little, browser, FIRST) as page:
        page.locator("button[name=show]").click()
        for samples in ([0], [-5], [1e300], [1e-300]):
            dropped(page, "mine.json", record(timings=[{"name": "getppid, libc", "samples": samples}]))
            page.wait_for_timeout(100)
            for mark in page.locator(".own circle").all():
                assert 0 <= float(mark.get_attribute("cx")) <= 760


@everywhere
def test_without_script_everything_is_simply_there(little, browser, width, scheme):
    with reading(little, browser, FIRST, width, scheme, java_script_enabled=False) as page:
        assert page.locator(ANSWER).is_visible() and page.locator(CHART).is_visible()
        assert page.get_by_text("“it is dear” or “it is cheap”?").is_visible()
        for useless in (".ask", ".vote", ".tools", ".compare", ".colours"):
            assert not page.locator(useless).first.is_visible()
        assert page.locator("a.term").first.get_attribute("title")
        page.locator(".find input").fill("kernel")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=kernel")
        assert page.locator(".places a").count() >= 5, "the list of all sections"


def test_paper_shows_what_is_folded_and_covered(little, browser):
    with reading(little, browser, FIRST) as page:
        page.emulate_media(media="print")
        assert page.locator(ANSWER).is_visible() and page.locator(CHART).is_visible()
        assert page.evaluate("document.querySelector('.prose details').getBoundingClientRect().height") > 40
        for other in (".top", ".ask", ".compare", ".tools", ".side"):
            assert not page.locator(other).first.is_visible()


def test_the_page_may_do_nothing_else(little, browser):
    """What is written into a page later, by whomever, neither runs nor fetches."""
    with reading(little, browser, FIRST, quiet=False) as page:
        refused = page.evaluate("""() => new Promise(done => {
            const refused = [];
            addEventListener("securitypolicyviolation", event => refused.push(event.effectiveDirective));
            document.body.append(Object.assign(document.createElement("script"), {textContent: "window.ran = 1"}));
            document.body.append(Object.assign(document.createElement("img"), {src: "file:///nothing.png"}));
            document.body.append(Object.assign(document.createElement("iframe"), {src: "file:///nothing.html"}));
            fetch("file:///nothing").catch(() => 0);
            setTimeout(() => done([window.ran, ...refused]), 500);
        })""")
        assert refused[0] is None
        assert {"script-src-elem", "img-src", "frame-src", "connect-src"} <= set(refused[1:])


def test_weights(little):
    _, weights = little
    assert len(pages.script().encode()) + len((pages.SCRIPTS / "early.js").read_bytes()) < 30_000
    assert set(weights) == {*LITTLE}
    assert all(0 < weight <= 110_000 for weight in weights.values())


@pytest.mark.parametrize("file", LITTLE)
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (768, "dark"), (1280, "dark")])
def test_pages_are_open_to_everyone(little, browser, file, width, scheme):
    with reading(little, browser, file, width, scheme) as page:
        none_of(violations(page))
        each = page.locator("button[name=commit]").all()
        for commit in each:
            commit.click()
        none_of(violations(page) if each else [])


def test_one_page_holds_all_of_it(little, browser):
    html = (little[0] / "book.html").read_text(encoding="utf-8")
    places = re.findall(r' id="([^"]*)"', html)
    assert len(places) == len(set(places))
    assert {"10-first--A-later-section", "20-second--A-later-section", "words--all-of-them"} <= set(places)
    with reading(little, browser, "book.html") as page:
        assert page.locator("main form").count() == 0
        assert page.locator("main .told").first.is_visible() and page.locator("main svg[role]").first.is_visible()
        page.locator("a.term").first.press("Enter")
        assert page.url.endswith("book.html#words--word-kernel")


def test_index(little, browser):
    with reading(little, browser, "index.html") as page:
        found = page.locator(".chapters .found")
        assert found.count() == 1 and "114 times" in found.locator("strong").all_inner_texts()
        assert page.locator("main svg[role]").count() == 1
        assert page.locator("#next").is_visible()


def test_what_others_show_of_a_page(little):
    html = (little[0] / FIRST).read_text(encoding="utf-8")
    assert '<meta name="description" content="Some words about the kernel.">' in html
    assert '<meta property="og:description" content="A system call takes 114 times as long">' in html
    card = ElementTree.parse(little[0] / "cards" / "10-first.svg")
    assert "114 times" in " ".join(card.getroot().itertext())


def test_ways_to_run_it_come_from_one_setting(monkeypatch):
    notebook = ROOT / "notebooks" / "00-start-here.ipynb"
    monkeypatch.setattr(repository, "package", lambda: {"license": "MIT"})
    assert repository.links(notebook) == [] and repository.site() == ""
    monkeypatch.setattr(repository, "package", lambda: {"repository": "https://github.com/Some/book.git"})
    links = dict(repository.links(notebook))
    assert list(links) == ["Binder", "Lab", "notebook", "source"]
    assert links["Binder"] == "https://mybinder.org/v2/gh/Some/book/HEAD?labpath=notebooks%2F00-start-here.ipynb"
    assert links["source"] == "https://github.com/Some/book/blob/HEAD/notebooks/00-start-here.ipynb"
    assert repository.site() == "https://some.github.io/book/"
    assert dict(repository.links(ROOT / "notebooks" / "words.md")).keys() == {"source"}


def test_no_address_leads_nowhere(little):
    assert "OWNER" not in "".join(path.read_text(encoding="utf-8") for path in little[0].glob("*.html"))


def test_axes_are_read_from_their_ticks():
    def picture(ticks):
        texts = "".join(f'<text x="{x}" y="9" text-anchor="middle">{words}</text>' for x, words in ticks)
        return ElementTree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{texts}</svg>')

    assert axis.ticks(picture([(0, "1 ns"), (50, "1 µs"), (100, "1 ms")])) == [
        ("x", "log", 1.0, 1e6, 0.0, 100.0, "time")
    ]
    assert axis.ticks(picture([(0, "0 ms"), (50, "2 ms"), (100, "4 ms")])) == [
        ("x", "linear", 0.0, 4e6, 0.0, 100.0, "time")
    ]
    few, bent, mixed = (
        [(0, "1 ns"), (50, "1 µs")],
        [(0, "1 ns"), (20, "1 µs"), (100, "1 ms")],
        [(0, "1 ns"), (50, "2 %"), (100, "3 ns")],
    )
    for none in (few, bent, mixed):
        assert axis.ticks(picture(none)) == []


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.svg")), ids=lambda path: path.stem)
def test_letters_of_charts_can_be_read_in_the_dark(path):
    inks = set(re.findall(r'<text [^>]*fill="(#\w+)"', path.read_text(encoding="utf-8")))
    readable = {ink for ink in inks if colour.contrast(ink, "#ffffff") >= 4.5}
    ground = colour.dark("#ffffff")
    none_of([ink for ink in readable if colour.contrast(colour.dark(ink), ground) < 4.5])


def test_no_line_parts_a_number_from_its_unit():
    assert (
        body.unparted("<p>12 ms, 5 % of 2 CPUs, 3 sheep</p>") == "<p>12\u00a0ms, 5\u00a0% of 2\u00a0CPUs, 3 sheep</p>"
    )
    kept = '<code>7 % 2</code><svg x="1 s"/><div class="highlight x"><pre>5 % 3</pre>'
    assert body.unparted(kept) == kept
    assert pages.numbered("12 ms < 40 %") == "<strong>12\u00a0ms</strong> &lt; <strong>40\u00a0%</strong>"


def test_a_chapter_is_announced_in_its_own_words():
    assert markdown.inline("*Where* is **the** [word](x.md) & `a < b`") == (
        "<em>Where</em> is <strong>the</strong> word &amp; <code>a &lt; b</code>"
    )


def test_words_are_explained_once_and_only_in_prose():
    meanings = words.meanings(WORDS)
    assert meanings["poll"] == 'to say "go on" (frame: the executor); or to ask again (frame: the thread)'
    seen = set()
    html = words.explained("<h2>kernel</h2><p><code>kernel</code> kernels, kernel</p>", meanings, "words.html", seen)
    assert html.count("<a ") == 1 and ">kernels</a>, kernel</p>" in html
    assert words.explained("<p>kernel</p>", meanings, "words.html", seen) == "<p>kernel</p>"
    twice = words.placed("<td><strong>poll</strong> (a)</td><td><strong>poll</strong> (b)</td>")
    assert twice.count('id="word-poll"') == 1
