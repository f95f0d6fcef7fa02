"""The book as pages: every notebook executed and written as HTML that needs nothing but itself."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from mimetypes import guess_type
from urllib.parse import unquote

import jinja2
from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat.v4 import new_markdown_cell, new_notebook
from traitlets.config import Config

from book import ROOT
from book.execution import duration
from book.markdown import anchor, headings_of, slug, unmarked
from book.notebook import title

BOOK = "Concurrency, Measured"
SITE = ROOT / "site"
TEMPLATES = ROOT / "book"


@dataclass
class Page:
    """One notebook on its way to a page, or a document beside the notebooks. In a link from every page the title's first
    words are enough."""

    file: str
    title: str
    name: str
    summary: str
    notebook: object
    sections: list = field(default_factory=list)
    date: str = ""
    duration: str = ""
    before: object = None
    after: object = None


def page(path, notebook):
    today = date.today()
    return Page(
        file=f"{path.stem}.html",
        title=unmarked(title(notebook)),
        name=unmarked(title(notebook)).split(",")[0],
        summary=summary(notebook),
        notebook=notebook,
        sections=[
            {"text": unmarked(text), "anchor": anchor(text)}
            for cell in notebook.cells
            if cell.cell_type == "markdown"
            for level, text in headings_of(cell.source)
            if level == 2
        ],
        date=f"{today.day} {today:%B %Y}",
        duration=f"{duration(notebook):.0f} seconds" if any(c.cell_type == "code" for c in notebook.cells) else "",
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
    """Write a page for each executed notebook and for each document, and the table of contents. `notebooks` maps their
    files to them; `documents` are files in Markdown, which every page links to."""
    beside = {path: new_notebook(cells=[new_markdown_cell(path.read_text())]) for path in documents}
    chapters = [page(path, notebook) for path, notebook in notebooks.items()]
    for page_, before, after in zip(chapters, [None, *chapters[:-1]], [*chapters[1:], None], strict=True):
        page_.before, page_.after = before, after
    others = [page(path, notebook) for path, notebook in beside.items()]
    pages = dict(zip([*notebooks, *beside], [*chapters, *others], strict=True))
    files = {path.name: page_.file for path, page_ in pages.items()}

    site.mkdir(parents=True, exist_ok=True)
    for path, page_ in pages.items():
        html = rendered(page_, path, files, others)
        (site / page_.file).write_text(renamed(html, page_) if path in beside else html)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES / "page"), autoescape=True)
    template = environment.get_template("contents.html.j2")
    date = chapters[0].date if chapters else ""
    (site / "index.html").write_text(template.render(book=BOOK, pages=chapters, documents=others, date=date))


def rendered(page_, path, files, documents):
    notebook = page_.notebook
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
    resources = {"book": BOOK, "page": page_, "documents": documents, "metadata": {"path": str(path.parent)}}
    html, _ = exporter.from_notebook_node(notebook, resources)
    return embedded(html, path.parent)


def embedded(html, folder):
    """The page with its pictures inside it. nbconvert has `embed_images` for that, but it parses each piece of raw HTML
    by itself and closes what is still open there: every fold, before its content."""

    def one(match):
        file = (folder / unquote(match[2])).resolve()
        if not (file.is_relative_to(ROOT) and file.is_file()):
            return match[0]
        return f"{match[1]}data:{guess_type(file)[0]};base64,{b64encode(file.read_bytes()).decode()}{match[3]}"

    return re.sub(r'(<(?:img|source)\b[^>]*?\bsrc(?:set)?=")([^":]+)(")', one, html)


def renamed(html, page_):
    """A document's headings under the names that links on GitHub have for them; nbconvert gives them Jupyter's."""
    for cell in page_.notebook.cells:
        for _, text in headings_of(cell.source):
            old, new = anchor(text), slug(text)
            html = html.replace(f'id="{old}"', f'id="{new}"').replace(f'href="#{old}"', f'href="#{new}"')
    return html
