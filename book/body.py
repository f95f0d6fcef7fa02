"""What stands between a page's head and foot: a notebook's cells or a document's prose, as HTML that needs nothing."""

import re
from base64 import b64encode
from html import unescape
from mimetypes import guess_type
from urllib.parse import unquote

from nbconvert import HTMLExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from traitlets.config import Config

from book import ROOT, words
from book.markdown import anchor, headings_of, slug

TEMPLATES = ROOT / "book"
# A number's unit, and what may be copied and so keeps its spaces.
UNIT = re.compile(r"(?<=\d) (?=(?:ns|µs|ms|s|min|[KMG]iB|[kMG]?B|CPUs?)\b|%)")
KEPT = re.compile(r"<(code|svg|table)\b.*?</\1>|<div class=.highlight\b.*?</pre>|<[^>]*>|[^<]+", re.S)
TOOLS = '<p class="tools"><button type="button">Copy data</button> <button type="button">Save picture</button></p>'


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
    return anchored(embedded(unparted(html), path.parent))


def unparted(html):
    """Numbers and their units, on one line wherever lines are broken."""
    return KEPT.sub(lambda piece: piece[0] if piece[0].startswith("<") else UNIT.sub("\u00a0", piece[0]), html)


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


def together(pages):
    """Chapters one after the other in one page, to be printed: places have the chapter's name before theirs, and nothing
    waits for a guess."""
    files = {page.file: page.path.stem for page in pages}

    def link(match):
        file, _, place = match[1].partition("#")
        return f'href="#{files[file]}{"--" + place if place else ""}"' if file in files else match[0]

    def whole(page):
        stem = page.path.stem
        html = re.sub(r'<form [^>]*class="(?:ask|vote)".*?</form>|<p class="tools">.*?</p>', "", page.body, flags=re.S)
        html = re.sub(r' data-tells="\d+"', "", html).replace('class="output asked"', 'class="output"')
        html = re.sub(r'(<[^>]* )id="', rf'\1id="{stem}--', html)
        html = re.sub(r'href="#', f'href="{page.file}#', html)
        html = re.sub(r'href="([^":]*)"', link, html)
        return f'<article id="{stem}">{html}</article>'

    return "\n".join(map(whole, pages))


def plain(html):
    """The words of some HTML, pictures and forms left out."""
    html = re.sub(r"<(svg|form|style|picture)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r"</?(?:a|b|code|em|span|strong)\b[^>]*>", "", html)
    html = re.sub(r"<[^>]*>", " ", html)
    return " ".join(unescape(html).split())
