"""The notebooks, run from a fresh kernel to their end."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT, run

from book import execution, inspection, notebook

RUN = [sys.executable, "-m", "book", "run"]


@pytest.fixture
def first():
    """One notebook, where one is enough."""
    if not notebook.paths():
        pytest.skip("there are no notebooks")
    return notebook.paths()[0]


def test_runs(path):
    assert inspection.faults(run(path)) == []


def test_two_at_once(first):
    second = notebook.paths()[-1]
    both = [subprocess.Popen([*RUN, path], cwd=ROOT, stdout=subprocess.DEVNULL) for path in (first, second)]
    assert [one.wait() for one in both] == [0, 0]


def test_without_a_network(first):
    alone = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if not (shutil.which("unshare") and shutil.which("ip")) or subprocess.run([*alone, "true"]).returncode:
        pytest.skip("this system gives no network of its own to a process")
    subprocess.run([*alone, *RUN, first], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_on_a_plain_kernel(first, tmp_path):
    """As after `evcxr_jupyter --install`: no launcher, nothing compiled, only slower."""
    environment = {**os.environ, "EVCXR_TMPDIR": str(tmp_path / "build"), "EVCXR_CONFIG_DIR": str(tmp_path)}
    plain = (ROOT / ".kernel" / "bin" / "evcxr_jupyter").resolve()
    assert inspection.faults(execution.execute(first, plain, environment)) == []
