"""Reads, runs, checks and prints the notebooks. `python -m book` lists what it can do."""

import errno
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"

# A place that is closed or full is told in a sentence; whatever else the system refuses is a fault of ours. Of a full one
# the system doesn't say which it is.
FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, *FULL)

# The project's kernel is called `rust`, as a plain `evcxr_jupyter --install` calls its own: the environment's comes
# first.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"


def speak_utf8():
    """Write UTF-8 whatever the locale says: what cells show has signs that others lack. For commands, as they begin."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")


def not_written(error):
    """What could not be written and why, in words; nothing if that's not what went wrong."""
    if error.errno not in CLOSED or not (error.filename or error.errno in FULL):
        return ""
    return f"cannot write{f' {error.filename}' if error.filename else ''} ({error.strerror})"
