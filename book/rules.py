"""What a notebook of this book is like: rules that can be told from its cells alone."""

import re

from book import ROOT
from book.notebook import cells, without_words

LINES = 20

# What a reader's cell is free of: a failure there is a value with a reason, shown like any result.
UNWELCOME = {
    r"\.unwrap\(|\.expect\(": "unwraps",
    r"\?\s*[;,.)\n]": "uses `?`, which evcxr passes over",
    r"\bassert(_eq|_ne)?!|\bdebug_assert": "asserts",
}


def first_cell():
    """The lines that every notebook begins with, as the kernel was warmed with them."""
    text = (ROOT / "kernel" / "first-cell").read_text()
    return text.rstrip("\n")


def faults(notebook):
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            found += [f"cell {number} {fault}" for fault in cell_faults(cell)]
    found += [f"the notebook {fault}" for fault in shape_faults(notebook)]
    return found


def cell_faults(cell):
    found = []
    if cell.get("outputs") or cell.get("execution_count"):
        found.append("is stored with its output: `.venv/bin/nbstripout` takes it out")
    lines = cell.source.strip().splitlines()
    if not lines:
        found.append("is empty")
    if len(lines) > LINES:
        found.append(f"has {len(lines)} lines; a reader takes in {LINES}")
    code = without_words(cell.source)
    found += [act for pattern, act in UNWELCOME.items() if re.search(pattern, code + "\n")]
    # Kernels run without the standard library's sources, and then can only keep what is said to them.
    untyped = re.search(r"^let (?:mut )?([a-z_]\w*|\([^)]*\)) *=", code, re.M)
    if untyped:
        found.append(f"keeps `{untyped[1]}` without writing its type")
    return found


def shape_faults(notebook):
    found = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "rust":
        found.append("does not ask for the kernel named `rust`")
    kept = set(notebook.metadata) - {"kernelspec", "language_info"}
    if kept:
        found.append(f"is stored with what a machine or an editor left in it: {', '.join(sorted(kept))}")
    code = [cell for cell in cells(notebook) if cell.is_code]
    if not code or not code[0].source.startswith(first_cell()):
        found.append("does not begin with the lines of kernel/first-cell, for which kernels are warmed")
    headings = [h for cell in notebook.cells if cell.cell_type == "markdown" for h in headings_of(cell.source)]
    if [level for level, _ in headings[:1]] != [1] or [level for level, _ in headings].count(1) != 1:
        found.append("wants one title, and that first")
    return found


def headings_of(markdown):
    """Level and text of each heading, code blocks left out."""
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S)
    return [(len(marks), text.strip()) for marks, text in re.findall(r"^(#{1,6}) +(.+)$", prose, re.M)]
