"""Cells in the shape that rustfmt gives the crate."""

import re
import subprocess

from book import ROOT
from book.notebook import read, rust, write
from book.rules import WIDTH

INDENT = "    "
# Between two functions; what's in a cell is indented.
NEXT = "\n// the next cell\n"


def rustfmt(sources):
    """What it makes of these cells, each the body of a function: there its value may stand last, without a semicolon. None
    where it can't read them. Kernel commands stay as they are."""
    done = subprocess.run(
        ["rustfmt", "--edition", "2024", "--config", f"max_width={WIDTH + len(INDENT)}"],
        input=NEXT.join(f"fn main() {{\n{rust(source)}\n}}\n" for source in sources),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
    )
    return None if done.returncode else [body(function) for function in done.stdout.split(NEXT)]


def body(function):
    lines = "\n".join(line.removeprefix(INDENT) for line in function.strip("\n").splitlines()[1:-1])
    return re.sub(r"^//(?=:)", "", lines, flags=re.M)


def formatted(source):
    """A cell as rustfmt would write it, or None where that cannot read it."""
    alone = rustfmt([source])
    return alone and alone[0]


def faults(notebook):
    """The cells that rustfmt would write otherwise."""
    cells = [(number, cell.source) for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]
    sources = [source for _, source in cells]
    if rustfmt(sources) == sources:
        return []
    # One by one, since a cell that can't be read says nothing of the others.
    return [
        f"cell {number} is not formatted: `.venv/bin/python -m book format` does it"
        for number, source in cells
        if formatted(source) != source
    ]


def format(path):
    """Rewrite the cells of a notebook; a cell that does not parse is left alone."""
    notebook = read(path)
    before = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = formatted(cell.source) or cell.source
    if before != [cell.source for cell in notebook.cells]:
        write(notebook, path)
