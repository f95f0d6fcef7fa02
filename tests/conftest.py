"""What the tests share: every notebook is run once, and the tests look at what came of it."""

import fcntl
import os
import pickle
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from book import execution, inspection, notebook, pages  # noqa: E402

# All that tests compile, they compile once: what would let the compiler begin where it ended costs a sixth of its time.
os.environ["CARGO_INCREMENTAL"] = "0"
executed = {}


def finish(*command, patience=900, grace=30, **options):
    """Let a command run to its end, and fail with all that it said if it ends badly or not at all."""
    options = {"cwd": ROOT, "encoding": "utf-8", "errors": "replace", "start_new_session": True, **options}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options) as process:
        try:
            said, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            said = stopped(process, grace)
            pytest.fail(f"{' '.join(map(str, command))} did not end in {patience} s and had said:\n{said}")
    if process.returncode:
        pytest.fail(f"{' '.join(map(str, command))} ended with {process.returncode} and said:\n{said}")
    return said


def none_of(faults):
    """Fail with every fault that was found, in full; an assertion would cut them short."""
    if faults:
        pytest.fail("\n".join(map(str, faults)), pytrace=False)


def stopped(process, grace):
    """End a command and its children: as with Ctrl-C, which lets it stop its kernels, and then for good."""
    os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()[0]


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A directory that all workers of this run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@contextmanager
def first_come(place):
    """Whether to make what belongs in this place: the first worker does, and the others wait for it."""
    with open(f"{place}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not place.exists()


@pytest.fixture(scope="session")
def run(shared):
    """Gives a notebook with its outputs, from the one run that all tests share. Each cell is run twice in a row in it: what
    a reader sees first is the first run's, and the second must not go wrong either."""

    def executed_once(path):
        if path not in executed:
            kept = shared / path.name
            with first_come(kept) as is_first:
                if is_first:
                    kept.write_bytes(pickle.dumps(execution.execute(path, twice=True)))
            executed[path] = pickle.loads(kept.read_bytes())
        return executed[path]

    return executed_once


@pytest.fixture(params=notebook.paths(), ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture(scope="session")
def site(shared, run):
    """The pages, as `make html` writes them."""
    books = {path: run(path) for path in notebook.paths()}
    place = shared / "site"
    with first_come(place) as is_first:
        if is_first:
            made = shared / "site.new"
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            pages.publish(books, made, notebook.documents())
            made.rename(place)
    return place


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if not program:
        pytest.skip("no Chromium here")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def times(book):
    """How long a notebook took, and its slowest cells that draw."""
    drawing = {
        number: execution.seconds(cell)
        for number, cell in enumerate(book.cells, start=1)
        if inspection.draws(cell) and execution.seconds(cell)
    }
    slowest = sorted(drawing, key=drawing.get, reverse=True)[:3]
    told = ", ".join(f"cell {number} in {drawing[number]:.2f} s" for number in slowest)
    second = sum(execution.seconds(execution.again(cell)) or 0.0 for cell in book.cells if execution.again(cell))
    return (
        f"{execution.duration(book):.1f} s, each cell again {second:.1f} s, "
        f"{len(drawing)} figures{': slowest ' + told if told else ''}"
    )


def pytest_terminal_summary(terminalreporter):
    """What tests have told of a notebook's times, from whichever worker."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, told in report.user_properties:
                terminalreporter.write_line(f"{name}: {told}")
