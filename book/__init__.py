"""Reads, runs, checks and prints the notebooks. `python -m book` lists what it can do."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"

# The project's kernel is called `rust`, as a plain `evcxr_jupyter --install` calls its own: the environment's comes
# first.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
