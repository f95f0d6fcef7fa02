"""Looking over what an executed notebook shows: errors, panics, verdicts, and figures that everyone can read."""

import base64
import binascii
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from book.execution import seconds, text
from book.notebook import cells

# evcxr answers "ok" to many a cell that went wrong; what it printed tells.
TROUBLE = re.compile(r"panicked at|error\[E\d+\]|Subprocess terminated|Segmentation fault|RUST_BACKTRACE")
RULING = re.compile(r"\b(not shown|shown|undecided|unavailable)\b", re.I)
PICTURE = "data:image/svg+xml;base64,"


def faults(notebook):
    """Everything wrong with an executed notebook, a sentence each; none if a reader may see it."""
    found = []
    if "died" in notebook.metadata:
        found.append(f"the kernel died: {notebook.metadata['died']}")
    for cell, source in zip(cells(notebook), notebook.cells):
        if cell.is_code and cell.source.strip():
            found += [f"cell {cell.number}: {fault}" for fault in cell_faults(source)]
    return found


def cell_faults(cell):
    if seconds(cell) is None:
        return ["did not run"]
    found = []
    for output in cell.outputs:
        if output.output_type == "error":
            found.append(f"ended with an error: {output.evalue}")
        elif output.output_type in ("execute_result", "display_data"):
            found += figure_faults(output.data)
            if output.data.get("text/plain", "").strip() == "()":
                found.append("shows “()”: its last expression has no value and wants a semicolon")
    trouble = TROUBLE.search(text(cell))
    if trouble:
        found.append(f"printed “{trouble[0]}”")
    return found


def figure_faults(data):
    """What a chart lacks; nothing for outputs that are none."""
    html, plain = data.get("text/html", ""), data.get("text/plain", "")
    if "<figure" not in html:
        return []
    found = []
    seen = Figure()
    seen.feed(html)
    if not seen.alt.strip():
        found.append("its figure has no alt text")
    if not seen.source.startswith(PICTURE):
        found.append("its figure is not an inline SVG picture")
    else:
        found += picture_faults(seen.source.removeprefix(PICTURE))
    for tag in ("figcaption", "details", "table"):
        if tag not in seen.tags:
            found.append(f"its figure has no {tag}")
    if not plain.strip():
        found.append("its figure has no words for a terminal")
    elif "Claim:" in plain and not RULING.search(plain):
        found.append("its figure makes a claim and carries no ruling: shown, not shown, undecided or unavailable")
    return found


def picture_faults(encoded):
    try:
        root = ElementTree.fromstring(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ElementTree.ParseError) as error:
        return [f"its picture cannot be read: {error}"]
    titles = [node for node in root.iter() if node.tag.split("}")[-1] == "title" and (node.text or "").strip()]
    return [] if titles else ["its picture has no title"]


class Figure(HTMLParser):
    """The parts of a figure's HTML that the rules speak of."""

    def __init__(self):
        super().__init__()
        self.tags, self.alt, self.source = set(), "", ""

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "img":
            attributes = dict(attributes)
            self.alt, self.source = attributes.get("alt") or "", attributes.get("src") or ""


def draws(cell):
    """Whether the cell shows a figure."""
    return any("<figure" in output.get("data", {}).get("text/html", "") for output in cell.get("outputs", []))
