"""The notebooks, run from a fresh kernel to their end."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import finish, none_of, times

from book import NOTEBOOKS, execution, inspection, latency, notebook
from book.session import Session

HISTORY = NOTEBOOKS / "01-async-history.ipynb"

RUN = [sys.executable, "-m", "book", "run"]


@pytest.fixture
def short():
    """The shortest notebook, where one is enough."""
    if not notebook.paths():
        pytest.skip("there are no notebooks")
    return min(notebook.paths(), key=lambda path: path.stat().st_size)


def test_runs(path, run, record_property):
    """Each cell twice in a row, and everything that it shows looked over."""
    record_property(path.name, times(run(path)))
    none_of(inspection.faults(run(path)))


def test_the_optimiser_leaves_the_demonstrations_alone(run):
    """In the notebook's own profile: had the compiler seen through them, nothing would be left to tell apart."""
    claim = "independent instructions run at the same time"
    ruled = "\n".join(execution.text(cell) for cell in run(HISTORY).cells if "outputs" in cell)
    assert f"shown: {claim}" in ruled and f"not shown: {claim}" not in ruled


def test_the_hog_is_told_by_the_lateness_of_others():
    """Again and again, whatever else runs here: a ruling that comes and goes would teach nothing."""
    again, rulings = [], []
    with Session() as session:
        for cell in notebook.cells(notebook.read(HISTORY)):
            if cell.is_code:
                session.run(cell.source)
                if "Vec<Timing> = TURNS" in cell.source or (again and "claim(" in cell.source):
                    again.append(cell.source)
                if ".ruled(&rescued)" in cell.source:
                    again.append(cell.source)
                    break
        assert len(again) == 5
        for _ in range(10):
            replies = [session.run(source) for source in again]
            rulings += [reply.text for reply in replies if reply.text]
    shown = [text for text in rulings if text.startswith("shown") or "Here: shown" in text]
    assert len(rulings) == 20 and len(shown) >= 18, rulings


def test_two_at_once(short):
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda path: finish(*RUN, path), (short, notebook.paths()[0])))


def test_without_a_network(short):
    alone = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    here = shutil.which("unshare") and shutil.which("ip")
    if not here or subprocess.run([*alone, "true"], timeout=60).returncode:
        pytest.skip("this system gives no network of its own to a process")
    finish(*alone, *RUN, short)


def test_on_a_plain_kernel(short, tmp_path):
    """As after `evcxr_jupyter --install`: no launcher, nothing compiled, only slower."""
    environment = {**os.environ, "EVCXR_TMPDIR": str(tmp_path / "build"), "EVCXR_CONFIG_DIR": str(tmp_path)}
    # It's whether it runs, not what comes of it.
    environment |= {"CARGO_PROFILE_DEV_OPT_LEVEL": "0", "CARGO_PROFILE_DEV_DEBUG": "0"}
    none_of(inspection.faults(execution.execute(short, latency.program(), environment)))
