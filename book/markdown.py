"""Prose as Markdown: its headings, what they say without their marks, and the names under which one links to them."""

import re
from html import escape, unescape


def headings_of(markdown):
    """Level and text of each heading, code blocks left out."""
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S)
    return [(len(marks), text.strip()) for marks, text in re.findall(r"^(#{1,6}) +(.+)$", prose, re.M)]


def unmarked(markdown):
    """A heading or sentence without its marks."""
    return unescape(re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", lambda m: m[1] or "", markdown)).strip()


def inline(markdown):
    """A paragraph as HTML: emphasis and code stay, links don't."""
    html = escape(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", unescape(markdown)), quote=False)
    for mark, tag in (("`", "code"), (r"\*\*", "strong"), (r"\*", "em")):
        html = re.sub(rf"{mark}(.+?){mark}", rf"<{tag}>\1</{tag}>", html)
    return html


def anchor(heading):
    """The name under which Jupyter, and a page made of a notebook, lets one link to a heading."""
    return unmarked(heading).replace(" ", "-")


def slug(heading):
    """The name under which GitHub lets one link to a heading of a document."""
    return re.sub(r"[^\w\- ]", "", unmarked(heading).lower()).replace(" ", "-")
