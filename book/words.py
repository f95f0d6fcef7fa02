"""The book's words where they are used: their first use on a page tells what they mean there."""

import re
from html import escape, unescape

from book.markdown import unmarked

ROW = re.compile(r"^\| \*\*(.+?)\*\*.*?\| (.+?) \|(?: (.+?) \|)?$", re.M)
# What is prose of a page: not code, not a heading, not a link, not a table.
PIECE = re.compile(r"<(code|h[1-6]|a|table|pre|svg|summary)\b.*?</\1>|<[^>]*>|[^<]+", re.S)


def meanings(markdown):
    """Each word of the tables with what is meant by it."""
    found = {}
    for line in ROW.finditer(markdown):
        head = line[0].split("|")[1]
        said = unmarked(line[2]) + (f" (frame: {unmarked(line[3])})" if line[3] else "")
        for word in re.findall(r"\*\*(.+?)\*\*", head):
            word = unmarked(word)
            found[word] = f"{found[word]}; or {said}" if word in found else said
    return found


def name(word):
    """The place of a word on its page."""
    return "word-" + re.sub(r"\W+", "-", word.lower())


def explained(html, words, page, seen):
    """Prose with the first use of each word linked to its meaning; `seen` are those that had theirs."""
    if not words:
        return html
    longest = sorted(words, key=len, reverse=True)
    any_of = re.compile(rf"\b({'|'.join(map(re.escape, longest))})(s?)\b")

    def link(match):
        word = match[1]
        if word in seen:
            return match[0]
        seen.add(word)
        return f'<a class="term" href="{page}#{name(word)}" title="{escape(words[word])}">{match[0]}</a>'

    return PIECE.sub(lambda piece: piece[0] if piece[0].startswith("<") else any_of.sub(link, piece[0]), html)


def placed(html):
    """The words' own page, with a place to link to at the first row of each of them."""
    seen = set()

    def row(match):
        names = [name(unescape(word)) for word in re.findall(r"<strong>(.+?)</strong>", match[1])]
        fresh = [one for one in names if one not in seen]
        seen.update(fresh)
        return "<td>" + "".join(f'<span id="{one}"></span>' for one in fresh) + match[1]

    return re.sub(r"<td>((?:<strong>.+?</strong>[^<]*)+)(?=</td>)", row, html)
