"""The pages in a real browser: everything is seen, nothing is fetched."""

import re
import socket
import subprocess
import sys
import time
from base64 import b64decode
from contextlib import contextmanager
from html import unescape
from urllib.parse import unquote

import pytest
from conftest import ROOT, none_of, run

from book import notebook, rules
from book.inspection import htmls

PHONE, DESK = 360, 1280
CHART = 760  # pixels that a chart is drawn for
READABLE = 11  # pixels that the letters of anything are high at least, as shown

# Every element of its own letters, and how large they are shown; those of an invisible fold are not.
LETTERS = """() => [...document.body.querySelectorAll('*')]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => [parseFloat(getComputedStyle(e).fontSize), e.textContent.trim().slice(0, 40)])"""
# The same of a picture that stands alone in a window as large as it was shown, where its own rules for that size hold.
DRAWN = """() => [...document.querySelectorAll('svg text, svg tspan')].map(e => {
    const scale = e.getScreenCTM();
    return [parseFloat(getComputedStyle(e).fontSize) * Math.hypot(scale.c, scale.d), e.textContent];
})"""
SHOWN = """i => {
    const shown = i.getBoundingClientRect();
    return {alt: i.alt, complete: i.complete, natural: i.naturalWidth, width: shown.width, height: shown.height,
            chart: !!i.closest('.shown'), source: i.currentSrc};
}"""
PICTURES = f"() => [...document.images].map({SHOWN})"
# Opens a fold and tells whether what is in it was hidden before and is seen now.
OPEN = """fold => {
    const words = () => [...fold.childNodes].filter(n => n.tagName !== 'SUMMARY')
        .map(n => n.nodeType === 3 ? n.data : n.innerText).join('').trim();
    const seen = () => [...fold.children].some(e => {
        const box = e.getBoundingClientRect();
        return e.tagName !== 'SUMMARY' && e.checkVisibility() && box.width * box.height > 0;
    });
    const before = !fold.open && seen();
    fold.open = true;
    return {name: fold.querySelector('summary').innerText, before, now: seen() && words().length > 0};
}"""


def files():
    return ["index.html", *(f"{path.stem}.html" for path in [*notebook.documents(), *notebook.paths()])]


@contextmanager
def opened(site, browser, file, width, scheme="light"):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"file://{site / file}")
    yield page
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("file", files())
def test_page(site, browser, file, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"file://{site / file}")
    beyond = [url for url in asked if not url.startswith(("data:", f"file://{site / file}"))]
    assert beyond == [] and complaints == []
    # Nothing sticks out sideways; what is wide scrolls in its own place.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for picture in page.evaluate(PICTURES):
        assert picture["alt"] and picture["complete"] and picture["natural"] > 0 and picture["width"] >= 300
    page.close()


@pytest.mark.parametrize("file", files())
def test_every_fold_opens_onto_its_content(site, browser, file):
    with opened(site, browser, file, DESK) as page:
        folds = [fold.evaluate(OPEN) for fold in page.query_selector_all("details")]
        none_of([f"{fold}" for fold in folds if fold["before"] or not fold["now"]])
        # As many as were written: none is lost on the way to the page.
        assert len(folds) == written(file)


def written(file):
    """How many folds the notebook's prose and outputs hold."""
    for path in notebook.paths():
        if file == f"{path.stem}.html":
            cells = run(path).cells
            prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
            return sum(text.count("<details") for text in [*prose, *(html for cell in cells for html in htmls(cell))])
    return 0


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("file", files())
def test_letters_are_large_enough_as_shown(site, browser, file, width):
    with opened(site, browser, file, width) as page:
        letters = page.evaluate(LETTERS)
        pictures = page.evaluate(PICTURES)
    assert letters
    for picture in pictures:
        letters += drawn(browser, picture)
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
def test_a_chart_is_shown_as_wide_as_it_was_drawn(site, browser, file):
    with opened(site, browser, file, DESK) as page:
        charts = [picture for picture in page.evaluate(PICTURES) if picture["chart"]]
    none_of([chart["alt"] for chart in charts if chart["width"] != CHART or chart["natural"] != CHART])


@pytest.mark.parametrize("file", files())
def test_code_is_not_cut(site, browser, file):
    """Lines that the rules allow fit a laptop's page; a cell that scrolls has a longer one, and `make check` says so."""
    with opened(site, browser, file, DESK) as page:
        cut = page.evaluate(
            f"""() => [...document.querySelectorAll('pre')]
            .filter(e => e.scrollWidth > e.clientWidth)
            .filter(e => e.innerText.split('\\n').every(line => line.length <= {rules.WIDTH}))
            .map(e => e.innerText)"""
        )
    none_of(cut)


def test_links_between_pages(site):
    for file in files():
        html = (site / file).read_text()
        for target, anchor in re.findall(r'href="([^":#]*)(?:#([^"]*))?"', html):
            other = site / (target or file)
            assert other.exists(), f"{file} links to {target}"
            if anchor:
                places = {unquote(unescape(place)) for place in re.findall(r'id="([^"]*)"', other.read_text())}
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
def untrusted():
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
