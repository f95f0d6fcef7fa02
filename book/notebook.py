"""Notebooks as files: finding them, reading their cells, and turning cells into plain Rust."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from book import NOTEBOOKS

VERSION = 4


@dataclass
class Cell:
    """A cell with the number a reader counts to, from 1, prose included."""

    number: int
    kind: str
    source: str
    tags: list

    @property
    def is_code(self):
        return self.kind == "code"


def paths():
    """Every notebook of the book, in reading order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def documents():
    """Pages of the book that run nothing, written in Markdown beside the notebooks: the words that it uses."""
    return sorted(NOTEBOOKS.glob("*.md"))


def read(path):
    return nbformat.read(path, as_version=VERSION)


def write(notebook, path):
    """Store a notebook as Jupyter does, so that rewriting one changes only what was changed."""
    nbformat.write(notebook, path)


def cells(notebook):
    return [
        Cell(number, cell.cell_type, cell.source, cell.metadata.get("tags", []))
        for number, cell in enumerate(notebook.cells, start=1)
    ]


def title(notebook):
    """The text of the first heading."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.search(r"^# +(.+)$", cell.source, re.M)
            if found:
                return found[1].strip()
    return "Untitled"


def rust(source):
    """A cell without its kernel commands, which only evcxr reads; the lines stay, as comments."""
    return re.sub(r"^(?=:)", "//", source, flags=re.M)


def is_finished(source):
    """Whether the cell's last line is a statement, rather than the value that the cell shows."""
    code = re.sub(r"(^|\s)//.*", "", rust(source), flags=re.M).rstrip()
    return not code or code[-1] in ";}"


def without_words(source):
    """The code with its strings and comments emptied, so that nobody trips over prose."""
    source = re.sub(r'"(?:\\.|[^"\\])*"', '""', source)
    return re.sub(r"//.*", "", source)


def tail(source):
    """The expression whose value the cell shows, its words emptied; nothing if it ends with a statement."""
    code, depth, begin = without_words(rust(source)), 0, 0
    for place, sign in enumerate(code):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and sign in ";}":
            begin = place + 1
    return code[begin:].strip()


def flatten(notebook):
    """The notebook as one program: each cell stands in a block inside the block of the cell before, so that it sees
    what that one defined and may define it anew, as in a kernel."""
    lines = ["fn main() {"]
    depth = 0
    for cell in cells(notebook):
        if not cell.is_code:
            continue
        # A name alone shows its value and does not give it away.
        code = re.sub(r"^(\w+)\Z", r"let _ = &\1", rust(cell.source).rstrip(), flags=re.M)
        lines += [f"// cell {cell.number}", code]
        lines += ["{" if is_finished(cell.source) else ";{"]
        depth += 1
    lines += ["}"] * (depth + 1)
    return "\n".join(lines) + "\n"


def name(path):
    """A crate name for the notebook in this file."""
    return re.sub(r"\W", "_", "cells-" + Path(path).stem)
