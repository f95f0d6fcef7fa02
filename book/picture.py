"""SVG pictures as a part of the page: their text can be found and selected, their colours follow the page into the dark,
and their marks say what they are."""

import re
from base64 import b64decode
from html import unescape
from urllib.parse import unquote
from xml.etree import ElementTree

from book import axis
from book.colour import dark

SVG = "{http://www.w3.org/2000/svg}"
ElementTree.register_namespace("", SVG[1:-1])

KIND = "data:image/svg+xml;base64,"
IMAGE = re.compile(
    rf'(?:<picture>\s*<source [^>]*?srcset="{re.escape(KIND)}(?P<phone>[^"]*)"[^>]*>\s*)?'
    rf'<img (?P<one>[^>]*?)src="{re.escape(KIND)}(?P<wide>[^"]*)"(?P<other>[^>]*)>(?:\s*</picture>)?'
)
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
PAINTS = ("fill", "stroke", "stop-color", "style")


def inlined(html):
    """The page with its SVG pictures written into it, each of them under names that no other one has."""
    count = 0

    def one(match):
        nonlocal count
        count += 1
        alt = re.search(r'alt="([^"]*)"', match["one"] + match["other"])
        words = unescape(alt[1]) if alt else ""
        layouts = [("wide", match["wide"])] + ([("phone", match["phone"])] if match["phone"] else [])
        try:
            drawn = [drawing(encoded, words, f"p{count}{size[0]}") for size, encoded in layouts]
        except (ValueError, ElementTree.ParseError):
            return match[0]
        alone = " alone" if len(drawn) == 1 else ""
        return "".join(
            f'<span class="picture {size}{alone}">{svg}</span>' for (size, _), svg in zip(layouts, drawn, strict=True)
        )

    return IMAGE.sub(one, html)


def drawing(encoded, words, prefix):
    """One layout of a picture, ready to stand in a page."""
    root = ElementTree.fromstring(b64decode(unquote(encoded)))
    named_apart(root, prefix)
    axis.annotate(root)
    # The words under which the picture is known stand in its label; as a title they would hover over all of it.
    for child in [child for child in root if child.tag in (SVG + "title", SVG + "desc")]:
        root.remove(child)
    root.set("role", "img")
    root.set("aria-label", words)
    for node in root.iter():
        for name in PAINTS:
            if name in node.attrib:
                node.set(name, coloured(node.get(name)))
        if node.tag == SVG + "style":
            # Where the picture asked for the size of its window, it now asks for that of its frame.
            node.text = coloured(node.text or "").replace("@media", "@container")
    return ElementTree.tostring(root, encoding="unicode").strip()


def coloured(paint):
    """A colour with the one that stands for it in the dark."""
    return COLOUR.sub(lambda match: f"light-dark({match[0]},{dark(match[0])})", paint)


def named_apart(root, prefix):
    """Ids, and classes with rules of the picture's own, as no other picture of the page has them."""
    rules = list(root.iter(SVG + "style"))
    classes = {name for node in rules for name in re.findall(r"\.([A-Za-z][\w-]*)", node.text or "")}
    for node in rules:
        node.text = re.sub(r"\.([A-Za-z][\w-]*)", rf".{prefix}-\1", node.text or "")
    for node in root.iter():
        if "id" in node.attrib:
            node.set("id", f"{prefix}-{node.get('id')}")
        if classes & set(node.get("class", "").split()):
            node.set("class", " ".join(f"{prefix}-{name}" for name in node.get("class").split()))
        for name, value in node.attrib.items():
            if name.endswith("href") and value.startswith("#"):
                node.set(name, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                node.set(name, value.replace("url(#", f"url(#{prefix}-"))
            elif name in ("aria-labelledby", "aria-describedby"):
                node.set(name, " ".join(f"{prefix}-{one}" for one in value.split()))
