"""The book as pages: every notebook executed and written as HTML that needs nothing but itself."""

import re
from dataclasses import dataclass, field
from datetime import date
from html import unescape

import jinja2
from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from traitlets.config import Config

from book import ROOT
from book.execution import duration
from book.notebook import title
from book.rules import headings_of

BOOK = "Concurrency, Measured"
SITE = ROOT / "site"
TEMPLATES = ROOT / "book"


@dataclass
class Page:
    """One notebook on its way to a page."""

    file: str
    title: str
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
        title=plain(title(notebook)),
        summary=summary(notebook),
        notebook=notebook,
        sections=[
            {"text": plain(text), "anchor": plain(text).replace(" ", "-")}
            for cell in notebook.cells
            if cell.cell_type == "markdown"
            for level, text in headings_of(cell.source)
            if level == 2
        ],
        date=f"{today.day} {today:%B %Y}",
        duration=f"{duration(notebook):.0f} seconds",
    )


def plain(markdown):
    """A heading or sentence without its marks."""
    return unescape(re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", lambda m: m[1] or "", markdown)).strip()


def summary(notebook):
    """The first paragraph under the title."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks = re.split(r"\n\s*\n", cell.source)
            for block in blocks:
                if not re.match(r"\s*(#|[-*] |\d+\. |\||>|<|```)", block):
                    return plain(" ".join(block.split()))
    return ""


def relink(markdown, files):
    """Notebooks link to one another and to the code beside them; on a page, to pages, and the code is only named."""

    def one(match):
        words, address = match[1], match[2]
        if re.match(r"[a-z][a-z0-9+.-]*:|#", address, re.I):
            return match[0]
        name, _, anchor = address.partition("#")
        if name in files:
            return f"[{words}]({files[name]}{'#' + anchor if anchor else ''})"
        return words

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", one, markdown)


def publish(notebooks, site):
    """Write a page for each executed notebook, and the table of contents. `notebooks` maps their files to them."""
    paths, pages = list(notebooks), [page(path, notebook) for path, notebook in notebooks.items()]
    for page_, before, after in zip(pages, [None, *pages], [*pages[1:], None]):
        page_.before, page_.after = before, after
    files = {path.name: page_.file for path, page_ in zip(paths, pages)}

    site.mkdir(parents=True, exist_ok=True)
    for path, page_ in zip(paths, pages):
        (site / page_.file).write_text(rendered(page_, path, files))
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES / "page"), autoescape=True)
    template = environment.get_template("contents.html.j2")
    (site / "index.html").write_text(template.render(book=BOOK, pages=pages, date=pages[0].date if pages else ""))


def rendered(page_, path, files):
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
        embed_images=True,
        preprocessors=[CoalesceStreamsPreprocessor],
    )
    resources = {"book": BOOK, "page": page_, "metadata": {"path": str(path.parent)}}
    html, _ = exporter.from_notebook_node(notebook, resources)
    return html
