"""Links that lead somewhere: files that exist, headings that are there. Addresses on other machines are not tried."""

import re
from urllib.parse import unquote

from book import ROOT
from book.markdown import anchor, headings_of, slug
from book.notebook import documents, paths, read

LINK = re.compile(r"(?<!\\)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
ADDRESS = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]+)\"")


# A file of the project that prose names as code; those that only a run makes are not looked for.
FILE = re.compile(r"`((?:book|deploy|docs|helpers|kernel|notebooks|tests)/[\w./-]*)`")
MADE = ("notebooks/measured", "notebooks/votes.json")


def prose(path):
    """The Markdown of a page or of a notebook."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def anchors(path):
    """The names under which a page's headings can be linked to."""
    found = set()
    for _, text in headings_of(prose(path)):
        found.add(anchor(text) if path.suffix == ".ipynb" else slug(text))
    return found | set(re.findall(r'<[a-z]+ [^>]*?\bid="([^"]+)"', prose(path)))


def faults(path):
    """The links of one page that lead nowhere."""
    found = []
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", prose(path), flags=re.M | re.S)
    for link in LINK.findall(text) + ADDRESS.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", link, re.I):
            continue
        file, _, place = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.is_relative_to(ROOT) or not target.exists():
            found.append(f"links to {link}, which is not there")
        elif place and target.suffix in (".md", ".ipynb") and place not in anchors(target):
            found.append(f"links to {link}, but {target.name} has no such heading")
    named = [file for file in FILE.findall(prose(path)) if not file.startswith(MADE) and "NAME" not in file]
    found += [f"names {file}, which is not there" for file in named if not (ROOT / file).exists()]
    return found


def pages():
    """Everything whose links are looked at."""
    return [*sorted(ROOT.glob("*.md")), ROOT / "deploy" / "README.md", *documents(), *paths()]
