"""Opening the book in JupyterLab."""

import os
import sys

from book import ROOT
from book.notebook import paths


def lab(more):
    """Become JupyterLab, with the first notebook open."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]
    if paths():
        command.append(f"--LabApp.default_url=/lab/tree/{paths()[0].relative_to(ROOT)}")
    if os.geteuid() == 0:
        command.append("--allow-root")
    os.chdir(ROOT)
    os.execv(command[0], command + more)
