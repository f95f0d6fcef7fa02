"""Looking over what an executed notebook shows: errors, panics, values in their debugging form, charts that are not
drawn, empty folds, verdicts, and figures that everyone can read."""

import base64
import binascii
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from book.execution import again, seconds, text
from book.notebook import tail, without_words

# evcxr answers "ok" to many a cell that went wrong; what it printed tells.
TROUBLE = re.compile(r"panicked at|error\[E\d+\]|Subprocess terminated|Segmentation fault|RUST_BACKTRACE|so was lost")

# What evcxr shows of a value that has no way of its own to be shown: struct, tuple, enum, list and string as `{:?}` has
# them.
FALLBACK = re.compile(r"&?(?:[A-Z]\w*(?:<.*?>)?(?: \{|\()|\[|None\Z|\(.*,.*\)\Z|\"(?:\\.|[^\"\\])*\"\Z)", re.S)
# The same in the middle of what was meant for a reader.
DEBUG = re.compile(r"\b[A-Z]\w*(?:<[^>\n]*>)? \{ (?:\w+: |\.\. ?\})|\b(?:Ok|Err|Some)\([^)\n]*\)?")

# What a cell's last line calls to show something, and what then must be seen.
SHOWN = {r"chart::": "<figure", r"rulings\(": "<table"}
# A chart that was kept and is shown later, by its name or with more said of it.
KEPT = re.compile(r"^let (?:mut )?(\w+)(?:: [^=]+)? =\s*chart::", re.M)
MORE = r"(?:\s*\.(?:clone|title|subtitle|ruled|machine|condition|guess|model|reference|figure)(?:_\w+)?\b.*)?"

# Guesses are stored unset, so that an untouched run has nobody who could have said anything.
SAID = re.compile(r"\byou said \d", re.I)

# What the table of rulings says of a question that nothing in this run has answered.
UNANSWERED = re.compile(r"^(.+)\n\s*no ruling\b", re.M)

RULING = re.compile(r"\b(not shown|shown|undecided|unavailable)\b", re.I)
PICTURE = "data:image/svg+xml;base64,"


def faults(notebook):
    """Everything wrong with an executed notebook, a sentence each; none if a reader may see it."""
    found = []
    if "died" in notebook.metadata:
        found.append(f"the kernel died: {notebook.metadata['died']}")
    kept = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        kept |= set(KEPT.findall(without_words(cell.source)))
        found += [f"cell {number}: {fault}" for fault in cell_faults(cell, kept)]
        if again(cell):
            found += [f"cell {number}, run again: {fault}" for fault in cell_faults(again(cell), kept)]
    return found


def cell_faults(cell, kept=()):
    """What is wrong with one executed cell, given the names under which charts were kept before."""
    if seconds(cell) is None:
        return ["did not run"]
    found = []
    for output in cell.outputs:
        if output.output_type == "error":
            found.append(f"ended with an error: {output.evalue}")
        elif output.output_type in ("execute_result", "display_data"):
            found += figure_faults(output.data) + fold_faults(output.data) + form_faults(output.data)
            found += [f"leaves “{asks}” unanswered" for asks in UNANSWERED.findall(output.data.get("text/plain", ""))]
            if output.data.get("text/plain", "").strip() == "()":
                found.append("shows “()”: its last expression has no value and wants a semicolon")
        elif debug := DEBUG.search(output.text):
            found.append(f"prints a debugging form: “{debug[0]}”")
    if SAID.search(text(cell)):
        found.append("tells readers what they said, who said nothing")
    trouble = TROUBLE.search(text(cell))
    if trouble:
        found.append(f"printed “{trouble[0]}”")
    missing = missing_kind(cell, kept)
    if missing:
        found.append(f"ends with `{missing}` and does not show it")
    return found


def missing_kind(cell, kept):
    """The beginning of the cell's last line, if that is to show a chart or a table and none is there."""
    last = tail(cell.source)
    wanted = [mark for call, mark in SHOWN.items() if re.match(call, last)]
    wanted += ["<figure" for name in kept if re.fullmatch(f"&?{name}{MORE}", last, re.S)]
    return last.splitlines()[0] if wanted and not any(mark in html for mark in wanted for html in htmls(cell)) else None


def htmls(cell):
    return [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]


def form_faults(data):
    """A value in its debugging form where something was to be shown, or in the middle of it."""
    html, plain = data.get("text/html", ""), data.get("text/plain", "").strip()
    fallback = FALLBACK.match(plain)
    if fallback:
        return [f"shows a value's debugging form: “{plain[:40]}”"]
    debug = DEBUG.search(plain) or DEBUG.search(Words.of(html))
    return [f"shows a debugging form: “{debug[0]}”"] if debug else []


def fold_faults(data):
    """Folds that open onto nothing."""
    return ["a fold of it is empty" for words in Words.folds(data.get("text/html", "")) if not words.strip()]


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
    found = [] if titles else ["its picture has no title"]
    return found + (["its picture shows a guess that nobody made"] if SAID.search(" ".join(root.itertext())) else [])


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


class Words(HTMLParser):
    """What can be read of some HTML: all of it, and what stands in each fold, its summary left out."""

    def __init__(self, html):
        super().__init__()
        self.all, self.inside, self.open = "", [], []
        self.feed(html)

    def handle_starttag(self, tag, _):
        if tag == "details":
            self.inside.append("")
            self.open.append(len(self.inside) - 1)
        elif tag == "summary":
            self.open.append(None)
        elif tag == "img":
            self.handle_data("(picture)")

    def handle_endtag(self, tag):
        if tag in ("details", "summary") and self.open:
            self.open.pop()

    def handle_data(self, data):
        self.all += data
        if self.open and self.open[-1] is not None:
            self.inside[self.open[-1]] += data

    @classmethod
    def of(cls, html):
        return cls(html).all

    @classmethod
    def folds(cls, html):
        return cls(html).inside


def draws(cell):
    """Whether the cell shows a figure."""
    return any("<figure" in html for html in htmls(cell))
