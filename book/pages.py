"""The book as pages: every notebook executed and written as HTML that needs nothing but itself."""

import base64
import gzip
import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from html import escape, unescape
from mimetypes import guess_type
from urllib.parse import unquote

import jinja2
from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat.v4 import new_markdown_cell, new_notebook
from traitlets.config import Config

from book import ROOT, card, finding, picture, repository, words
from book.asking import asked
from book.execution import duration
from book.markdown import anchor, headings_of, slug, unmarked
from book.notebook import title

BOOK = "Concurrency, Measured"
SITE = ROOT / "site"
TEMPLATES = ROOT / "book"
SCRIPTS = TEMPLATES / "page" / "script"
# What a page may do: run the two scripts that are part of it, and show what is written into it. Nothing else.
POLICY = "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
TOOLS = '<p class="tools"><button type="button">Copy data</button> <button type="button">Save picture</button></p>'
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
        summary=summary(notebook),
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
    """The first paragraph under the title; a picture alone is none."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks = re.split(r"\n\s*\n", cell.source)
            for block in blocks:
                if not re.match(r"\s*(#|[-*] |\d+\. |\||>|<|!\[|```)", block):
                    return unmarked(" ".join(block.split()))
    return ""


def stations(path, notebook):
    """The stations of a request's way as the page's own map has them, and whether each is lit there."""
    for cell in notebook.cells:
        for file in re.findall(r"\((figures/map-[^)]+\.svg)\)", cell.source if cell.cell_type == "markdown" else ""):
            described = re.search(r"<desc>(.*?)</desc>", (path.parent / file).read_text(), re.S)
            way = MAP.search(unescape(described[1])) if described else None
            if way:
                lit = set(way["lit"].split(", "))
                return [{"name": name, "lit": name in lit} for name in way["all"].split(", ")]
    return []


def relink(markdown, files):
    """Notebooks link to one another and to the code beside them; on a page, to pages, and the code is only named."""

    def one(match):
        words, address = match[1], match[2]
        if re.match(r"[a-z][a-z0-9+.-]*:|#", address, re.I):
            return match[0]
        name, _, place = address.partition("#")
        if name in files:
            return f"[{words}]({files[name]}{'#' + place if place else ''})"
        return words

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", one, markdown)


def publish(notebooks, site, documents=()):
    """Write a page for each executed notebook and for each document, the table of contents, and a page to search them
    all; return what each weighs. `notebooks` maps their files to them; `documents` are files in Markdown, which every
    page links to."""
    beside = {path: new_notebook(cells=[new_markdown_cell(path.read_text())]) for path in documents}
    chapters = [page(path, notebook) for path, notebook in notebooks.items()]
    for page_, before, after in zip(chapters, [None, *chapters[:-1]], [*chapters[1:], None], strict=True):
        page_.before, page_.after = before, after
    others = [page(path, notebook) for path, notebook in beside.items()]
    files = {page_.path.name: page_.file for page_ in [*chapters, *others]}
    meanings = {word: said for page_ in others for word, said in words.meanings(page_.path.read_text()).items()}
    glossary = next((page_.file for page_ in others if words.meanings(page_.path.read_text())), None)

    site.mkdir(parents=True, exist_ok=True)
    for page_ in [*chapters, *others]:
        body = rendered(page_, files)
        page_.body = documented(body, page_) if page_ in others else with_words(body, meanings, glossary)
    shared = {
        "book": BOOK,
        "chapters": chapters,
        "documents": others,
        "repository": repository.address(),
        "licence": repository.package()["license"],
        "site": repository.site(),
    }
    most = max((page_.finding for page_ in chapters if page_.finding), key=lambda found: found.decades, default=None)
    figure = {
        "figure": most and most.html,
        "date": chapters[0].date if chapters else "",
        "machine": next((page_.machine for page_ in chapters if page_.machine), ""),
        "way": way(chapters),
    }
    pages = {page_.file: ("chapter.html.j2", {"page": page_}) for page_ in [*chapters, *others]}
    pages |= {"index.html": ("contents.html.j2", figure), "search.html": ("search.html.j2", {"places": places(chapters, others)})}
    for page_ in [*chapters, *others]:
        page_.card = card.draw(site / "cards" / page_.path.stem, BOOK, page_, paint=repository.site()).relative_to(site)
    return [written(site / file, template, {**shared, "file": file, **own}) for file, (template, own) in pages.items()]


def written(path, template, values):
    """Fills in a page and writes it; gives its name and how many bytes of it travel."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES / "page"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["numbered"] = numbered
    # The first decides, before anything is seen, what the page looks like; the second does all the rest.
    early, late = ((SCRIPTS / "early.js").read_text(), script())
    scripts = " ".join(f"'sha256-{digest(one)}'" for one in (early, late))
    html = environment.get_template(template).render(
        **values, early=early, late=late, policy=POLICY.format(scripts=scripts)
    )
    html = picture.inlined(html)
    path.write_text(html)
    return path.name, len(gzip.compress(html.encode(), mtime=0))


def script():
    """All that a page runs, one part after the other."""
    parts = [path.read_text() for path in sorted(SCRIPTS.glob("[0-9]*.js"))]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def numbered(sentence):
    """A sentence with its numbers, and their units, set apart."""
    return re.sub(
        r"(?<![\w.])(\d[\d,.]*\d|\d)( (?:ns|µs|ms|s|%|times|[KMG]iB)\b|(?: )?%)?",
        r"<strong>\g<0></strong>",
        escape(sentence, quote=False),
    )


def rendered(page_, files):
    """What stands between the page's head and foot."""
    notebook, path = page_.notebook, page_.path
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = relink(cell.source, files)
    # The kernel names no lexer that the highlighter would know.
    notebook.metadata["language_info"] = {"name": "rust", "pygments_lexer": "rust"}
    exporter = HTMLExporter(
        config=Config(),
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        preprocessors=[CoalesceStreamsPreprocessor],
    )
    html, _ = exporter.from_notebook_node(notebook, {"page": page_, "metadata": {"path": str(path.parent)}})
    return anchored(embedded(html, path.parent))


def embedded(html, folder):
    """The page with its pictures inside it. nbconvert has `embed_images` for that, but it parses each piece of raw HTML
    by itself and closes what is still open there: every fold, before its content."""

    def one(match):
        file = (folder / unquote(match[2])).resolve()
        if not (file.is_relative_to(ROOT) and file.is_file()):
            return match[0]
        return f"{match[1]}data:{guess_type(file)[0]};base64,{b64encode(file.read_bytes()).decode()}{match[3]}"

    return re.sub(r'(<(?:img|source)\b[^>]*?\bsrc(?:set)?=")([^":]+)(")', one, html)


def anchored(html):
    """Links beside headings say where they lead, for those who come by keyboard or hear the page; wide tables scroll in a
    frame of their own; a chart's data can be taken along."""
    html = re.sub(
        r'<a class="anchor-link" href="([^"]*)">¶</a>',
        r'<a class="anchor-link" href="\1" aria-label="Link to this section">#</a>',
        html,
    )
    html = html.replace("</figure><details>", f"</figure>{TOOLS}<details>")
    return re.sub(r"<table\b.*?</table>", r'<div class="wide">\g<0></div>', html, flags=re.S)


def documented(html, page_):
    """A document's headings under the names that links on GitHub have for them; nbconvert gives them Jupyter's."""
    for cell in page_.notebook.cells:
        for _, text in headings_of(cell.source):
            old, new = anchor(text), slug(text)
            html = html.replace(f'id="{old}"', f'id="{new}"').replace(f'href="#{old}"', f'href="#{new}"')
    return words.placed(html)


def with_words(html, meanings, glossary):
    """The first use of each of the book's words in the page's prose, explained."""
    seen = set()
    prose = re.compile(r'(?<=<section class="prose">).*?(?=</section>)', re.S)
    return prose.sub(lambda part: words.explained(part[0], meanings, glossary, seen), html)


def way(chapters):
    """Each station of a request's way with the chapters that light it."""
    names = next((page_.stations for page_ in chapters if page_.stations), [])
    return [
        {"name": station["name"], "chapters": [p for p in chapters if {"name": station["name"], "lit": True} in p.stations]}
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
                found.append({"page": page_, "anchor": heading[1], "name": name, "text": plain(part[heading.end() :])})
    return found


def plain(html):
    """The words of some HTML, pictures and forms left out."""
    html = re.sub(r"<(svg|form|style|picture)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r"</?(?:a|b|code|em|span|strong)\b[^>]*>", "", html)
    html = re.sub(r"<[^>]*>", " ", html)
    return " ".join(unescape(html).split())
