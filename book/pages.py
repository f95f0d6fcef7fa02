"""The book as pages: every notebook executed and written as HTML that needs nothing but itself."""

import base64
import gzip
import hashlib
import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from html import escape, unescape

import jinja2
from nbformat.v4 import new_markdown_cell, new_notebook

from book import ROOT, card, finding, picture, repository, words
from book.asking import asked
from book.body import TEMPLATES, anchored, documented, plain, rendered, together, unparted, with_words
from book.execution import duration
from book.markdown import anchor, headings_of, inline, slug, unmarked
from book.notebook import title

BOOK = "Concurrency, Measured"
SITE = ROOT / "site"
PRINTED = "book.html"  # all of it in one page
SCRIPTS = TEMPLATES / "page" / "script"
# What a page may do: run the two scripts that are part of it, and show, or sound, what is written into it. Nothing else.
WRITTEN = "img-src data:; media-src data:; style-src 'unsafe-inline'"
POLICY = f"default-src 'none'; base-uri 'none'; {WRITTEN}; script-src {{scripts}}"
MAP = re.compile(r"stations: (?P<all>.+?)\. Lit: (?P<lit>.+?)\.(?= [A-Z]|\s*$)")


@dataclass
class Page:
    """One notebook on its way to a page, or a document beside the notebooks. In a link from every page the title's first
    words are enough."""

    path: object
    file: str
    title: str
    name: str
    summary: str
    lead: str
    notebook: object
    sections: list = field(default_factory=list)
    date: str = ""
    duration: str = ""
    machine: str = ""
    finding: object = None
    links: list = field(default_factory=list)
    stations: list = field(default_factory=list)
    before: object = None
    after: object = None
    number: str = ""
    body: str = ""
    card: str = ""


def page(path, notebook):
    today = date.today()
    ran = any(cell.cell_type == "code" for cell in notebook.cells)
    asked(notebook)
    return Page(
        path=path,
        file=f"{path.stem}.html",
        title=unmarked(title(notebook)),
        name=unmarked(title(notebook)).split(",")[0],
        summary=unmarked(summary(notebook)),
        lead=unparted(inline(summary(notebook))),
        notebook=notebook,
        sections=[
            {"text": unmarked(text), "anchor": anchor(text) if ran else slug(text)}
            for cell in notebook.cells
            if cell.cell_type == "markdown"
            for level, text in headings_of(cell.source)
            if level == 2
        ],
        date=f"{today.day} {today:%B %Y}",
        duration=f"{duration(notebook):.0f} seconds" if ran else "",
        machine=finding.machine(notebook),
        finding=finding.first(notebook),
        links=repository.links(path),
        number=path.stem.partition("-")[0] if path.stem[0].isdigit() else "",
        stations=stations(path, notebook),
    )


def summary(notebook):
    """The first paragraph under the title, in Markdown; a picture alone is none."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks = re.split(r"\n\s*\n", cell.source)
            for block in blocks:
                if not re.match(r"\s*(#|[-*] |\d+\. |\||>|<|!\[|```)", block):
                    return " ".join(block.split())
    return ""


def stations(path, notebook):
    """The stations of a request's way as the page's own map has them, and whether each is lit there."""
    for cell in notebook.cells:
        for file in re.findall(r"\((figures/map-[^)]+\.svg)\)", cell.source if cell.cell_type == "markdown" else ""):
            described = re.search(r"<desc>(.*?)</desc>", (path.parent / file).read_text(encoding="utf-8"), re.S)
            way = MAP.search(unescape(described[1])) if described else None
            if way:
                lit = set(way["lit"].split(", "))
                return [{"name": name, "lit": name in lit} for name in way["all"].split(", ")]
    return []


def publish(notebooks, site, documents=()):
    """Write a page for each executed notebook and for each document, the table of contents, a page to search them all
    and one to print; return what each weighs. `notebooks` maps their files to them; `documents` are files in Markdown,
    which every page links to."""
    # What a page notes in its cells stays with the page.
    chapters = [page(path, deepcopy(notebook)) for path, notebook in notebooks.items()]
    for page_, before, after in zip(chapters, [None, *chapters[:-1]], [*chapters[1:], None], strict=True):
        page_.before, page_.after = before, after
    others = [
        page(path, new_notebook(cells=[new_markdown_cell(path.read_text(encoding="utf-8"))])) for path in documents
    ]
    fill(chapters, others)
    for page_ in [*chapters, *others]:
        drawing = card.draw(site / "cards" / page_.path.stem, BOOK, page_, paint=repository.site())
        page_.card = drawing.relative_to(site)
    most = max((page_.finding for page_ in chapters if page_.finding), key=lambda found: found.decades, default=None)
    shared = {
        "book": BOOK,
        "chapters": chapters,
        "documents": others,
        "repository": repository.address(),
        "licence": repository.package()["license"],
        "site": repository.site(),
        "date": chapters[0].date if chapters else "",
        "machine": next((page_.machine for page_ in chapters if page_.machine), ""),
    }
    pages = {page_.file: ("chapter.html.j2", {"page": page_}) for page_ in [*chapters, *others]}
    pages["index.html"] = ("contents.html.j2", {"way": way(chapters), "figure": most and anchored(most.html)})
    pages["search.html"] = ("search.html.j2", {"places": places(chapters, others)})
    pages[PRINTED] = ("printed.html.j2", {"all": together([*chapters, *others])})
    return [written(site / file, template, {**shared, "file": file, **own}) for file, (template, own) in pages.items()]


def fill(chapters, others):
    """Gives every page what stands on it, with links from one to another and to the words that the book explains."""
    files = {page_.path.name: page_.file for page_ in [*chapters, *others]}
    meanings, glossary = {}, ""
    for page_ in others:
        if found := words.meanings(page_.path.read_text(encoding="utf-8")):
            meanings, glossary = found, page_.file
        page_.body = documented(rendered(page_, files), page_)
    for page_ in chapters:
        page_.body = with_words(rendered(page_, files), meanings, glossary)


def written(path, template, values):
    """Fills in a page and writes it; gives its name and how many bytes of it travel."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES / "page"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["numbered"] = numbered
    # The first decides, before anything is seen, what the page looks like; the second does all the rest.
    early, late = ((SCRIPTS / "early.js").read_text(encoding="utf-8"), script())
    scripts = " ".join(f"'sha256-{digest(one)}'" for one in (early, late))
    html = environment.get_template(template).render(
        **values, early=early, late=late, policy=POLICY.format(scripts=scripts)
    )
    html = picture.inlined(html)
    path.write_text(html, encoding="utf-8")
    return path.name, len(gzip.compress(html.encode(), mtime=0))


def script():
    """All that a page runs, one part after the other."""
    parts = [path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.glob("[0-9]*.js"))]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def numbered(sentence):
    """A sentence with its numbers, and their units, set apart."""
    return re.sub(
        r"(?<![\w.])(\d[\d,.]*\d|\d)(\s(?:ns|µs|ms|s|times|[KMG]iB)\b|\s?%)?",
        r"<strong>\g<0></strong>",
        unparted(escape(sentence, quote=False)),
    )


def way(chapters):
    """Each station of a request's way with the chapters that light it."""
    names = next((page_.stations for page_ in chapters if page_.stations), [])
    return [
        {
            "name": station["name"],
            "chapters": [p for p in chapters if {"name": station["name"], "lit": True} in p.stations],
        }
        for station in names
    ]


def places(chapters, others):
    """Every section of the book with its words: what can be searched."""
    found = []
    for page_ in [*chapters, *others]:
        for part in re.split(r"(?=<h[12] id=)", page_.body):
            heading = re.match(r'<h[12] id="([^"]*)">(.*?)</h[12]>', part, re.S)
            if heading:
                name = plain(re.sub(r'<a class="anchor-link".*?</a>', "", heading[2]))
                words_ = once(plain(part[heading.end() :]))
                found.append({"page": page_, "anchor": heading[1], "name": name, "text": words_})
    return found


def once(text, whole=1500):
    """A section as far as one reads it in a list of hits, then each further word once: all can be found, and the page that
    holds them for a search without a server stays light."""
    head, tail = text[:whole], text[whole:]
    seen = set(re.findall(r"\w+", head.lower()))
    more = []
    for word in tail.split():
        key = word.lower().strip('.,;:()“”"')
        if key not in seen:
            seen.add(key)
            more.append(word)
    return " ".join([head, *more])
