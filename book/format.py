"""Cells in the shape that rustfmt gives the crate."""

import re
import subprocess

from book import ROOT
from book.notebook import read, rust, write
from book.rules import WIDTH

INDENT = "    "


def formatted(source):
    """A cell as rustfmt would write it, or None where that cannot read it. Kernel commands stay as they are."""
    # A cell is the body of a function; there its value may stand last, without a semicolon.
    program = f"fn main() {{\n{rust(source)}\n}}\n"
    done = subprocess.run(
        ["rustfmt", "--edition", "2024", "--config", f"max_width={WIDTH + len(INDENT)}"],
        input=program,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
    )
    if done.returncode:
        return None
    body = done.stdout.splitlines()[1:-1]
    lines = "\n".join(line.removeprefix(INDENT) for line in body)
    return re.sub(r"^//(?=:)", "", lines, flags=re.M)


def faults(notebook):
    """The cells that rustfmt would write otherwise."""
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and formatted(cell.source) != cell.source:
            found.append(f"cell {number} is not formatted: `.venv/bin/python -m book format` does it")
    return found


def format(path):
    """Rewrite the cells of a notebook; a cell that does not parse is left alone."""
    notebook = read(path)
    before = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = formatted(cell.source) or cell.source
    if before != [cell.source for cell in notebook.cells]:
        write(notebook, path)
