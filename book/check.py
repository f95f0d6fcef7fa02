"""The fast gate: everything that can be told without running a notebook."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from book import ROOT, format, links, playground, program, record, rules
from book.notebook import paths, read


def each(judge):
    """The faults that `judge` finds in each notebook, with the notebook's name before them."""
    return [f"{path.name}: {fault}" for path in paths() for fault in judge(read(path))]


def cargo(*command, **environment):
    return complaints("cargo", *command, **environment)


def tool(name, *arguments):
    """One of the programs that pip has put beside this Python."""
    return complaints(Path(sys.executable).parent / name, *arguments)


def complaints(*command, **environment):
    """What a program says, if it is not content."""
    settings = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, encoding="utf-8", errors="replace")
    said = f"{Path(command[0]).name} {command[1]}:\n{(done.stdout + done.stderr).strip()}"
    return [said] if done.returncode else []


def scripts():
    """The shell scripts of the project, by their first lines."""
    files = [path for place in (".ci", "kernel", "deploy") for path in sorted((ROOT / place).rglob("*"))]
    return [file for file in files if file.is_file() and re.match(rb"#!.*sh\n", file.read_bytes())]


STEPS = {
    "crate formatted": lambda: cargo("fmt", "--all", "--check"),
    "crate lints clean": lambda: cargo(
        "clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"
    ),
    "crate documented": lambda: cargo(
        "doc", "--quiet", "--locked", "--workspace", "--no-deps", RUSTDOCFLAGS="-D warnings"
    ),
    "python formatted": lambda: tool("ruff", "format", "--quiet", "--diff"),
    "python lints clean": lambda: tool("ruff", "check", "--quiet"),
    "shell scripts lint clean": lambda: tool("shellcheck", *scripts()),
    "notebooks follow the rules": lambda: each(rules.faults),
    "cells formatted": lambda: each(format.faults),
    # What a reader needs to set a guess, `Bytes` or `nanos`, is imported whether or not a cell uses it.
    "cells lint clean": lambda: program.judge("clippy", "--", "-D", "warnings", "-A", "unused_imports"),
    "links lead somewhere": lambda: [
        f"{path.relative_to(ROOT)} {fault}" for path in links.pages() for fault in links.faults(path)
    ],
    "playground links open their cell": lambda: each(playground.faults),
    "playground cells need only std": lambda: each(playground.compile_faults),
    "records can be read and name nobody": record.faults,
}


def check():
    """Take every step, say how it went, and return all faults."""
    found = []
    for name, step in STEPS.items():
        began = time.perf_counter()
        faults = step()
        print(f"{'ok   ' if not faults else 'FAULT'}  {name}  ({time.perf_counter() - began:.1f} s)", flush=True)
        found += faults
    return found
