"""The pages in a real browser: everything is seen, nothing is fetched."""

import gzip
import re
import socket
import subprocess
import sys
import time
from base64 import b64decode
from contextlib import contextmanager
from functools import cache
from html import unescape
from itertools import pairwise
from urllib.parse import unquote

import pytest
from conftest import ROOT, none_of

from book import asking, notebook, rules
from book.inspection import htmls

PHONE, TABLET, DESK = 360, 768, 1280
# How wide a page is looked at, and in which of its schemes: what is laid out is the same in both.
SCREENS = {PHONE: "dark", TABLET: "light", DESK: "light"}
CHART = 760  # pixels that a chart is drawn for
READABLE = 11  # pixels that the letters of anything are high at least, as shown
LIGHT = 120_000  # bytes of a page at most, as they travel
# Rules of the Web Content Accessibility Guidelines 2.2, levels A and AA.
ACCESSIBLE = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

# Every element of its own letters, and how large they are shown, also in a picture; those of an invisible fold are not.
LETTERS = """() => [...document.body.querySelectorAll('*')]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(e => e.getBoundingClientRect().width > 0)
    .map(e => {
        const scale = e.ownerSVGElement ? e.getScreenCTM() : {c: 0, d: 1};
        return [parseFloat(getComputedStyle(e).fontSize) * Math.hypot(scale.c, scale.d), e.textContent.trim().slice(0, 40)];
    })"""
# The same of a picture that stands alone in a window as large as it was shown, where its own rules for that size hold.
DRAWN = """() => [...document.querySelectorAll('svg text, svg tspan')].map(e => {
    const scale = e.getScreenCTM();
    return [parseFloat(getComputedStyle(e).fontSize) * Math.hypot(scale.c, scale.d), e.textContent];
})"""
SHOWN = """i => {
    const shown = i.getBoundingClientRect();
    return {alt: i.alt, complete: i.complete, natural: i.naturalWidth, width: shown.width, height: shown.height,
            source: i.currentSrc};
}"""
# The pictures of a page: each is seen in one of its layouts.
PICTURES = """() => [...document.querySelectorAll('main svg[viewBox], main img')]
    .filter(e => !e.parentElement.closest('svg'))
    .filter(e => e.checkVisibility()).map(e => ({
        words: e.getAttribute('aria-label') || e.alt || '', width: e.getBoundingClientRect().width,
        drawn: e.viewBox ? e.viewBox.baseVal.width : e.naturalWidth, chart: !!e.closest('.shown'), tag: e.tagName,
    }))"""
# Opens every fold and tells whether what is in it was hidden before and is seen now.
FOLDS = """() => [...document.querySelectorAll('main details')].map(fold => {
    const words = () => [...fold.childNodes].filter(n => n.tagName !== 'SUMMARY')
        .map(n => n.nodeType === 3 ? n.data : n.innerText).join('').trim();
    const seen = () => [...fold.children].some(e => {
        const box = e.getBoundingClientRect();
        return e.tagName !== 'SUMMARY' && e.checkVisibility() && box.width * box.height > 0;
    });
    const before = !fold.open && seen();
    fold.open = true;
    return {name: fold.querySelector('summary').innerText, before, now: seen() && words().length > 0};
})"""
CUT = f"""() => [...document.querySelectorAll('pre')]
    .filter(e => e.scrollWidth > e.clientWidth)
    .filter(e => e.innerText.split('\\n').every(line => line.length <= {rules.WIDTH}))
    .map(e => e.innerText)"""
UNCOVERED = "() => document.querySelectorAll('form.ask:not(.done) [name=show]').forEach(show => show.click())"
# Of the words in code that look the same, in places that do, one is left: whether colours can be read takes longest to tell.
ALIKE = """() => {
    const looks = new Set();
    for (const word of document.querySelectorAll('main pre span')) {
        const {color, backgroundColor, fontSize, fontWeight, opacity} = getComputedStyle(word);
        const look = [color, backgroundColor, fontSize, fontWeight, opacity];
        for (let place = word.parentElement; place; place = place.parentElement) look.push(place.className);
        if (looks.has(look.join())) word.replaceWith(...word.childNodes);
        looks.add(look.join());
    }
}"""
# How far what was seen moved while the page came to rest, as browsers score it, and when it could be read.
MOVED = """() => new Promise(done => {
    let moved = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => { moved += entry.value; }))
        .observe({type: 'layout-shift', buffered: true});
    const ready = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd;
    setTimeout(() => done({moved, ready}), 200);
})"""

# A page as it comes in over a slow line, a piece a frame: what then moves that was already seen.
COMES = """async pieces => {
    const moved = [];
    document.open();
    new PerformanceObserver(list => list.getEntries().forEach(entry => entry.sources.forEach(({node}) =>
        moved.push(node ? `${node.nodeName} ${node.className}` : 'what is gone')))).observe({type: 'layout-shift'});
    for (const piece of pieces) {
        document.write(piece);
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    }
    document.close();
    await new Promise(done => setTimeout(done, 200));
    return moved;
}"""
# Where a page is cut for that: before whatever takes a place of its own, with what stands in lines left whole.
PLACES = re.compile(
    r"<(?:a class=.aside|details|div|footer|form|h\d|header|input|label|li|main|nav|ol|p|pre|section|select|svg|table|tr"
    r"|ul)\b"
)


def files():
    stems = [path.stem for path in [*notebook.documents(), *notebook.paths()]]
    names = ["index.html", "search.html", *(f"{stem}.html" for stem in stems)]
    # What looks at one page stays with the worker that has opened it.
    return [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]


@pytest.fixture(scope="session")
def seen(site, browser):
    """Everything that is to be known of a page at one width, from opening it once."""

    @cache
    def look(file, width):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=SCREENS[width])
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"file://{site / file}")
        facts = page.evaluate(MOVED)
        facts["beyond"] = [url for url in asked if not url.startswith(("data:", f"file://{site / file}"))]
        facts["complaints"] = complaints
        facts["covered"] = page.locator("form.ask").count()
        page.evaluate(UNCOVERED)
        facts["wide"] = page.evaluate("document.documentElement.scrollWidth")
        facts["pictures"] = page.evaluate(PICTURES)
        facts["letters"] = page.evaluate(LETTERS)
        facts["cut"] = page.evaluate(CUT)
        facts["folds"] = page.evaluate(FOLDS)
        if width != TABLET:
            facts["violations"] = violations(page)
        page.close()
        return facts

    return look


def violations(page):
    """What axe-core finds: the rule, the element and why."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.evaluate(ALIKE)
    found = axe.Axe().run(page, options=ACCESSIBLE).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("file", files())
def test_page(seen, file, width):
    facts = seen(file, width)
    assert facts["beyond"] == [] and facts["complaints"] == []
    # Nothing sticks out sideways; what is wide scrolls in its own place.
    assert facts["wide"] <= width
    assert facts["moved"] == 0, "what is seen stays where it is"
    none_of([picture for picture in facts["pictures"] if not picture["words"] or picture["width"] < 300])
    # In the page itself, where they can be searched, and follow its colours.
    none_of([picture for picture in facts["pictures"] if picture["tag"] != "svg"])


@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("file", ["index.html", "search.html", "words.html", "05-contradictions-settled.html"])
def test_nothing_moves_while_a_page_comes_in(site, browser, file, width):
    text = (site / file).read_text(encoding="utf-8")
    places = [found.start() for found in PLACES.finditer(text, text.index("<body"))]
    cuts = [0, *places[:80], *places[80 :: max(1, len(places) // 20)], len(text)]
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"file://{site / file}")
    moved = page.evaluate(COMES, [text[start:end] for start, end in pairwise(cuts)])
    page.close()
    none_of(moved)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("file", files())
def test_page_is_open_to_everyone(seen, file, width):
    none_of(seen(file, width)["violations"])


@pytest.mark.parametrize("file", files())
def test_every_fold_opens_onto_its_content(seen, file, cells):
    folds = seen(file, DESK)["folds"]
    none_of([f"{fold}" for fold in folds if fold["before"] or not fold["now"]])
    # As many as were written: none is lost on the way to the page. The table of contents shows one of its own.
    assert file == "index.html" or len(folds) == written(cells)


@pytest.fixture
def cells(file, run):
    """Those of the page's notebook, executed; none where it is made of something else."""
    return next((run(path).cells for path in notebook.paths() if file == f"{path.stem}.html"), [])


def written(cells):
    """How many folds the notebook's prose and outputs hold."""
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return sum(text.count("<details") for text in [*prose, *(html for cell in cells for html in htmls(cell))])


@pytest.mark.parametrize("file", files())
def test_every_answer_waits_for_its_guess(seen, file, cells):
    """As many as the notebook has answered: none stands open because its cell has another form."""
    answers = [cell for cell in cells if cell.cell_type == "code" and asking.ANSWER.search(asking.text(cell))]
    assert seen(file, DESK)["covered"] == len(answers)


@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("file", files())
def test_letters_are_large_enough_as_shown(seen, file, width):
    letters = seen(file, width)["letters"]
    assert letters
    small = sorted({(round(size, 1), text) for size, text in letters if size < READABLE - 0.05})
    none_of([f"{size} px: {text}" for size, text in small])


def drawn(browser, picture):
    """The letters of a picture, as large as it shows them."""
    kind, _, data = picture["source"].partition(";base64,")
    if kind != "data:image/svg+xml":
        return []
    size = {"width": round(picture["width"]), "height": max(1, round(picture["height"]))}
    svg = re.sub(r"<\?xml.*?\?>", "", b64decode(unquote(data)).decode())
    page = browser.new_page(viewport=size)
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: 100%; height: auto }}</style>{svg}")
    letters = page.evaluate(DRAWN)
    page.close()
    return letters


@pytest.mark.parametrize("file", files())
def test_a_chart_is_shown_as_wide_as_it_was_drawn(seen, file):
    charts = [picture for picture in seen(file, DESK)["pictures"] if picture["chart"]]
    none_of([chart["words"] for chart in charts if chart["width"] != CHART or chart["drawn"] != CHART])


@pytest.mark.parametrize("file", files())
def test_code_is_not_cut(seen, file):
    """Lines that the rules allow fit a laptop's page; a cell that scrolls has a longer one, and `make check` says so."""
    none_of(seen(file, DESK)["cut"])


@pytest.mark.parametrize("file", files())
def test_a_page_is_light(site, file):
    html = (site / file).read_bytes()
    assert len(gzip.compress(html)) <= LIGHT


def test_links_between_pages(site):
    for file in [*(one.values[0] for one in files()), "book.html"]:
        html = (site / file).read_text(encoding="utf-8")
        for target, anchor in re.findall(r'<a [^>]*href="([^":#]*)(?:#([^"]*))?"', html):
            other = site / (target or file)
            assert other.exists(), f"{file} links to {target}"
            if anchor:
                places = {
                    unquote(unescape(place)) for place in re.findall(r'id="([^"]*)"', other.read_text(encoding="utf-8"))
                }
                assert unquote(unescape(anchor)) in places, f"{file} links to {target}#{anchor}"


def test_lab_opens_with_a_ready_kernel(browser):
    """JupyterLab as `make lab` starts it: the first notebook is open, its kernel idle, and nothing wants attention."""
    with lab() as address:
        page = browser.new_page()
        patiently(page, f"{address}/lab/tree/notebooks/{notebook.paths()[0].name}?reset")
        page.wait_for_selector("text=Rust | Idle", timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        assert page.query_selector_all(".Toastify__toast, .jp-Dialog") == []
        page.close()


@pytest.fixture
def untrusted(run):
    """An executed notebook that this Lab has not run itself, where git does not look."""
    path = notebook.NOTEBOOKS / "measured" / "untrusted.ipynb"
    path.parent.mkdir(exist_ok=True)
    notebook.write(run(notebook.paths()[0]), path)
    yield path.relative_to(ROOT)
    path.unlink()


def test_lab_shows_charts_of_a_notebook_that_it_does_not_trust(browser, untrusted):
    """Lab may clean an output; the picture stays as large as it was drawn, with its words and its data."""
    with lab() as address:
        page = browser.new_page(viewport={"width": DESK, "height": 900})
        patiently(page, f"{address}/lab/tree/{untrusted}?reset")
        figure = page.wait_for_selector(".jp-OutputArea figure img", timeout=120_000, state="attached")
        figure.scroll_into_view_if_needed()
        assert figure.get_attribute("alt")
        picture = figure.evaluate(SHOWN)
        assert picture["natural"] == picture["width"] == CHART
        none_of([f"{size} px: {text}" for size, text in drawn(browser, picture) if size < READABLE - 0.05])
        assert page.query_selector(".jp-OutputArea figure + details table")
        page.close()


@contextmanager
def lab():
    """JupyterLab, started as `make lab` does; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--no-browser"]
    server = subprocess.Popen([sys.executable, "-m", "book", "lab", "--", *own], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()


def patiently(page, address):
    for _ in range(60):
        try:
            return page.goto(address, timeout=60_000)
        except Exception:
            time.sleep(1)
    pytest.fail("JupyterLab did not answer")
