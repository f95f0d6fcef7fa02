"""Opening the book in JupyterLab."""

import os
import sys
import tempfile
from pathlib import Path

from book import ROOT
from book.notebook import paths


def settle():
    """Give Jupyter a place for what it must write, where the home is closed or isn't there: without one it ends before
    it has said anything that a reader could use. Always the same, so that whoever asks for running servers finds them."""
    home = Path(os.path.expanduser("~"))
    if os.access(home, os.W_OK):
        return
    place = Path(tempfile.gettempdir()) / f"concurrency-measured-jupyter-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    if place.stat().st_uid != os.getuid():
        sys.exit(f"book: {place} belongs to somebody else; set HOME to a directory that is yours")
    for name in ("CONFIG", "DATA", "RUNTIME"):
        os.environ.setdefault(f"JUPYTER_{name}_DIR", str(place / name.lower()))


def lab(more):
    """Become JupyterLab, with the first notebook open."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]
    if paths():
        command.append(f"--LabApp.default_url=/lab/tree/{paths()[0].relative_to(ROOT)}")
    if os.geteuid() == 0:
        command.append("--allow-root")
    settle()
    os.chdir(ROOT)
    os.execv(command[0], command + more)
