"""The pages in a real browser: everything is seen, nothing is fetched."""

import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from conftest import ROOT, run

from book import notebook

PHONE, DESK = 360, 1280


def files():
    return ["index.html", *(f"{path.stem}.html" for path in notebook.paths())]


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
    pictures = page.evaluate(
        "[...document.images].map(i => [i.alt, i.complete, i.naturalWidth, i.getBoundingClientRect().width])"
    )
    for alt, complete, natural, shown in pictures:
        assert alt and complete and natural > 0 and shown >= 300
    page.close()


def test_links_between_pages(site):
    for file in files():
        html = (site / file).read_text()
        for target, anchor in re.findall(r'href="([^":#]*)(?:#([^"]*))?"', html):
            other = site / (target or file)
            assert other.exists(), f"{file} links to {target}"
            if anchor:
                assert f'id="{anchor}"' in other.read_text(), f"{file} links to {target}#{anchor}"


def test_lab_opens_with_a_ready_kernel(browser):
    """JupyterLab as `make lab` starts it: the first notebook is open, its kernel idle, and nothing asks for attention."""
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
    """What Lab cleans an output of, it may; the picture stays as large as it was drawn, with its words and its data."""
    with lab() as address:
        page = browser.new_page(viewport={"width": DESK, "height": 900})
        patiently(page, f"{address}/lab/tree/{untrusted}?reset")
        figure = page.wait_for_selector(".jp-OutputArea figure img", timeout=120_000, state="attached")
        figure.scroll_into_view_if_needed()
        assert figure.get_attribute("alt")
        natural, shown = figure.evaluate("i => [i.naturalWidth, i.getBoundingClientRect().width]")
        assert natural == shown == 760
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
