"""The fast gate: everything that can be told without running a notebook."""

import subprocess
import time

from book import ROOT, format, links, playground, program, rules
from book.notebook import paths, read


def each(judge):
    """The faults that `judge` finds in each notebook, with the notebook's name before them."""
    return [f"{path.name}: {fault}" for path in paths() for fault in judge(read(path))]


def cargo(*command):
    done = subprocess.run(["cargo", *command], cwd=ROOT, capture_output=True, text=True)
    return [f"cargo {' '.join(command)}:\n{(done.stdout + done.stderr).strip()}"] if done.returncode else []


STEPS = {
    "crate formatted": lambda: cargo("fmt", "--all", "--check"),
    "crate lints clean": lambda: cargo(
        "clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"
    ),
    "notebooks follow the rules": lambda: each(rules.faults),
    "cells formatted": lambda: each(format.faults),
    "cells lint clean": lambda: program.judge("clippy", "--", "-D", "warnings"),
    "links lead somewhere": lambda: [
        f"{path.name} {fault}" for path in links.pages() for fault in links.faults(path)
    ],
    "playground links open their cell": lambda: each(playground.faults),
    "playground cells need only std": lambda: each(playground.compile_faults),
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
