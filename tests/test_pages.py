"""The pages in a real browser: everything is seen, nothing is fetched."""

import re
import socket
import subprocess
import sys
import time

import pytest
from conftest import ROOT

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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--no-browser"]
    lab = subprocess.Popen(
        [sys.executable, "-m", "book", "lab", "--", *options], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        page = browser.new_page()
        address = f"http://127.0.0.1:{port}/lab/tree/notebooks/{notebook.paths()[0].name}?reset"
        patiently(page, address)
        page.wait_for_selector("text=Rust | Idle", timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        assert page.query_selector_all(".Toastify__toast, .jp-Dialog") == []
        page.close()
    finally:
        lab.terminate()
        try:
            lab.wait(timeout=30)
        except subprocess.TimeoutExpired:
            lab.kill()


def patiently(page, address):
    for _ in range(60):
        try:
            return page.goto(address, timeout=60_000)
        except Exception:
            time.sleep(1)
    pytest.fail("JupyterLab did not answer")
