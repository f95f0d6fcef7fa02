"""Links that lead somewhere: files that exist, headings that are there. Addresses on other machines are not tried."""

import re
from pathlib import Path
from urllib.parse import unquote

from book import ROOT
from book.notebook import paths, read
from book.rules import headings_of

LINK = re.compile(r"(?<!\\)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")


def prose(path):
    """The Markdown of a page or of a notebook."""
    if path.suffix != ".ipynb":
        return path.read_text()
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def anchors(path):
    """The names under which a page's headings can be linked to."""
    found = set()
    for _, text in headings_of(prose(path)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", lambda m: m[1] or "", text)
        if path.suffix == ".ipynb":
            found.add(plain.replace(" ", "-"))
        else:
            found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return found


def faults(path):
    """The links of one page that lead nowhere."""
    found = []
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", prose(path), flags=re.M | re.S)
    for link in LINK.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", link, re.I):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.is_relative_to(ROOT) or not target.exists():
            found.append(f"links to {link}, which is not there")
        elif anchor and target.suffix in (".md", ".ipynb") and anchor not in anchors(target):
            found.append(f"links to {link}, but {target.name} has no such heading")
    return found


def pages():
    """Everything whose links are looked at."""
    return [path for path in (ROOT / "README.md", ROOT / "deploy" / "README.md", *paths()) if Path(path).exists()]
