"""What a notebook of this book is like: rules that can be told from its cells alone."""

import re
from dataclasses import dataclass

from book import ROOT
from book.markdown import headings_of, unmarked
from book.notebook import cells, without_words

WIDTH = 88  # characters of a line: what a page shows on a laptop without cutting
LINES = 12  # what a reader takes in
LESSON = 20  # what a reader takes in where the code is the lesson, which the cell's tag `lesson` says

# What a reader's cell is free of: a failure there is a value with a reason, shown like any result.
UNWELCOME = {
    r"\.unwrap\(|\.expect\(": "unwraps",
    r"\?\s*[;,.)\n]": "uses `?`, which evcxr passes over",
    r"\bassert(_eq|_ne)?!|\bdebug_assert": "asserts",
    r"\bmap_or\w*|\bis_(ok|err|some|none)_and\b|\bis_none_or\b": "takes readings apart, which the instruments do",
    r"\bjudged\b": "rules by itself: `holds` takes a reading too",
    r"\bpredict\([^;]*\)\s*\.at\(": "holds a guess already, which is the reader's to make",
}


def first_cell():
    """The lines that every notebook begins with, as the kernel was warmed with them."""
    text = (ROOT / "kernel" / "first-cell").read_text(encoding="utf-8")
    return text.rstrip("\n")


def faults(notebook):
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            found += [f"cell {number} {fault}" for fault in cell_faults(cell)]
    for judge in (shape_faults, question_faults, guess_faults):
        found += [f"the notebook {fault}" for fault in judge(notebook)]
    return found


def cell_faults(cell):
    found = []
    if cell.get("outputs") or cell.get("execution_count"):
        found.append("is stored with its output: `.venv/bin/nbstripout` takes it out")
    lines = cell.source.strip().splitlines()
    if not lines:
        found.append("is empty")
    listing = cell.source.startswith(first_cell()) or ASKED.match(cell.source)
    most = LESSON if listing or "lesson" in cell.metadata.get("tags", []) else LINES
    if len(lines) > most:
        found.append(f"has {len(lines)} lines; a reader takes in {most}")
    wide = max(map(len, lines), default=0)
    if wide > WIDTH:
        found.append(f"has a line of {wide} characters; a page shows {WIDTH}")
    code = without_words(cell.source)
    found += [act for pattern, act in UNWELCOME.items() if re.search(pattern, code + "\n")]
    if flush(code):
        found.append("isn't in rustfmt's shape, which gives up where words are too long for the line")
    # Kernels run without the standard library's sources, and then can only keep what is said to them.
    untyped = re.search(r"^let (?:mut )?([a-z_]\w*|\([^)]*\)) *=", code, re.M)
    if untyped:
        found.append(f"keeps `{untyped[1]}` without writing its type")
    if apart := re.search(r"^let (\([^)]*\)) *:", code, re.M):
        found.append(f"takes `{apart[1]}` apart, whose types evcxr 0.21 does not find: keep the whole, and then each")
    return found


def flush(code):
    """Whether a line within brackets begins at the margin, its closing bracket apart."""
    depth = 0
    for line in code.splitlines():
        if depth > 0 and line and line[0] not in ")]} ":
            return True
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
    return False


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
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown" and cell.source.count("<details") != cell.source.count("</details>"):
            found.append(f"opens a fold in cell {number} that the same cell does not close")
    return found


@dataclass
class Question:
    """A question of the notebook's top, as a constant of its code: what it asks, and the section that answers it."""

    name: str
    text: str
    section: str


# What a cell keeps under a name, and what that is asked of, if it is asked of something.
MADE = re.compile(r"^let (?:mut )?(\w+)(?:: [^=]+?)? =\s*([^;]*)", re.M)
ASKED_OF = re.compile(r"\A&?(\w+)[.\[]")
IMPORTED = re.compile(r"^use helpers::([^;]*);", re.M)
INVITED = re.compile(r"// yours: \.at\((\w+)\(")

STRING = r'"((?:\\.|[^"\\])*)"'
ASKED = re.compile(rf"^const (\w+): Question =\s*question\(\s*{STRING},\s*{STRING},?\s*\);", re.M)
ITEM = r"^ *(?:[-*]|\d+\.) "
TOP = re.compile(rf"^\W*What we(?:['’]| wi)ll find out\W*\n((?:\s*{ITEM}.*(?:\n {{2,}}\S.*)*\n?)+)", re.M)


def asked(notebook):
    """The questions that the notebook keeps as constants."""
    source = code_of(notebook, words=True)
    found = [[part.replace('\\"', '"') for part in parts] for parts in ASKED.findall(source)]
    return [Question(name, even(text), section) for name, text, section in found]


def top_list(notebook):
    """What the notebook says at its top that we'll find out."""
    first = notebook.cells[0].source if notebook.cells else ""
    found = TOP.search(first)
    items = re.split(ITEM, found[1], flags=re.M)[1:] if found else []
    return [even(unmarked(" ".join(item.split()))) for item in items]


def even(words):
    """Code writes the apostrophe of a keyboard where prose may write the printer's."""
    return words.replace("’", "'")


def question_faults(notebook):
    """Each question of the top is kept, answered by a claim of the section that it names, and ruled at the end."""
    top, kept = top_list(notebook), asked(notebook)
    if not top:
        return ["does not list in its first cell, under “What we’ll find out”, what it asks"]
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    headings = {unmarked(text) for source in prose for _, text in headings_of(source)}
    code = code_of(notebook)
    ruled = re.findall(r"\brulings\(\s*&?\[(.*?)\]", code, re.S)
    ruled = set(re.findall(r"\w+", ruled[-1])) if ruled else set()
    missing = [text for text in top if text not in {question.text for question in kept}]
    found = [f"asks “{text}” at its top and keeps no such question" for text in missing]
    for question in kept:
        if question.text not in top:
            found.append(f"keeps the question {question.name}, which its top does not ask: “{question.text}”")
        if question.section not in headings:
            found.append(f"has no section of exactly the heading “{question.section}”, to which {question.name} leads")
        if not re.search(rf"\.answers\(\s*&?{question.name}\b", code):
            found.append(f"makes no claim that answers {question.name}")
        if question.name not in ruled:
            found.append(f"does not rule on {question.name} in its last `rulings`")
    return found


def guess_faults(notebook):
    """A guess is answered after what it is about was measured, in a cell of its own: not in sight while one thinks. Each
    has a name of its own: whoever runs an earlier answer again must not find a later question's guess in it."""
    found, guesses, before, imported = [], {}, set(), set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        imported |= {name for names in IMPORTED.findall(cell.source) for name in re.findall(r"\w+", names)}
        # The reader's first edit must compile.
        found += [
            f"asks for `{unit}(…)` in cell {number} and has not imported it"
            for unit in INVITED.findall(cell.source)
            if unit not in imported
        ]
        made = MADE.findall(without_words(cell.source))
        asked_for = {name: number for name, value in made if re.match(r"predict\(", value)}
        found += [
            f"asks for `{name}` in cell {number}, which is an earlier guess's name"
            for name in asked_for.keys() & guesses.keys()
        ]
        guesses |= asked_for
        # What is only asked of a value that an earlier cell has kept was measured there.
        fresh = [name for name, value in made if not before & set(ASKED_OF.findall(value))]
        for guess, truth in re.findall(r"\b(\w+)\s*\.against\(([^;]*)", without_words(cell.source)):
            about = [name for name in dict.fromkeys(re.findall(r"\w+", truth)) if name in fresh]
            if guess not in guesses:
                found.append(f"answers `{guess}` in cell {number}, a guess that nobody was asked for")
            elif guesses[guess] == number:
                found.append(f"answers `{guess}` in the cell that asks for it, {number}")
            found += [f"answers `{guess}` in the cell that measures `{name}`, {number}" for name in about]
        before |= {name for name, _ in made}
    return found


def code_of(notebook, words=False):
    """All code in one, its strings and comments emptied unless the words are wanted."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return "\n".join(sources if words else map(without_words, sources))
