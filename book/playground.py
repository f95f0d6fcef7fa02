"""Links that open a cell in the Rust Playground.

A cell tagged `playground` needs nothing but the standard library. The prose right after it, or else right before, holds
a link to the Playground; its address is written here, so that it opens exactly that cell.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from book.notebook import is_finished, read, write

ADDRESS = "https://play.rust-lang.org/?version=stable&mode=release&edition=2024&code="
LINK = re.compile(r"\]\((https://play\.rust-lang\.org/[^)\s]*)\)")


def program(source):
    """The cell as a whole program: as it is, or as the body of a main."""
    source = source.rstrip("\n")
    if re.search(r"^fn main\(", source, re.M):
        return source + "\n"
    body = "\n".join(f"    {line}" if line else "" for line in source.splitlines())
    return f"fn main() {{\n{body}\n}}\n"


def address(source):
    return ADDRESS + quote(program(source), safe="")


def tagged(notebook):
    """Each tagged cell, with the index of the prose that holds its link, or None."""
    for index, cell in enumerate(notebook.cells):
        if "playground" not in cell.metadata.get("tags", []):
            continue
        beside = [i for i in (index + 1, index - 1) if 0 <= i < len(notebook.cells)]
        prose = [i for i in beside if notebook.cells[i].cell_type == "markdown"]
        linked = [i for i in prose if LINK.search(notebook.cells[i].source)]
        yield index, next(iter(linked), None)


def update(path):
    """Write the addresses anew."""
    notebook = read(path)
    changed = False
    for index, prose in tagged(notebook):
        if prose is None:
            continue
        cell = notebook.cells[prose]
        # An address holds percent signs, never a backslash: as a replacement it stands for itself.
        link = f"]({address(notebook.cells[index].source)})"
        changed |= link not in cell.source
        cell.source = LINK.sub(link, cell.source, count=1)
    if changed:
        write(notebook, path)


def faults(notebook):
    """Tagged cells without a link to exactly their code, or that are no whole step by themselves."""
    found = []
    for index, prose in tagged(notebook):
        cell = notebook.cells[index]
        if prose is None:
            found.append(f"cell {index + 1} has no Playground link in the prose beside it")
        elif address(cell.source) not in LINK.findall(notebook.cells[prose].source):
            found.append(f"cell {index + 1} has an old Playground link: `python -m book playground` renews it")
        if not is_finished(cell.source):
            found.append(f"cell {index + 1} shows a value, which the Playground would not: print it")
    return found


def compile_faults(notebook):
    """Tagged cells that rustc alone does not accept."""
    found = []
    for index, _ in tagged(notebook):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "main.rs"
            source.write_text(program(notebook.cells[index].source), encoding="utf-8")
            done = subprocess.run(
                ["rustc", "--edition", "2024", "--emit", "metadata", "--out-dir", folder, source],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
            )
        if done.returncode:
            found.append(f"cell {index + 1} needs more than the standard library:\n{done.stderr.strip()}")
    return found
