"""Draws the map of a request's way, once for each notebook with its part lit:  python notebooks/figures/map.py

One file serves two widths. A picture in a page is told how wide it is shown, so its style sheet can choose between a row of
eight stations with a word on each, and two rows of four with their names alone. Both fill the same frame, and no letter is
shown smaller than 11 pixels, on a page 760 or 360 pixels wide.
"""

from pathlib import Path

WIDE, HIGH = 760, 262
INK, QUIET, FAINT, RULE = "#1b1f24", "#57606a", "#67707b", "#c4cad2"
LIT, LIT_TEXT, LIT_PALE, PALE = "#b35000", "#9a4600", "#fbe9dc", "#f1f3f5"

STATIONS = [
    ("the wire", "a byte", "arrives"),
    ("device", "writes it", "to memory"),
    ("interrupt", "the CPU", "is called"),
    ("kernel", "queues it, wakes", "a thread"),
    ("scheduler", "picks when", "and where"),
    ("thread", "returns from", "its wait"),
    ("executor", "polls the", "woken task"),
    (".await", "your code", "goes on"),
]
OWNERS = [("hardware", 0, 2), ("kernel", 3, 4), ("your program", 5, 7)]

# What each notebook asks, which stations it is about, and the row of its bar.
NOTEBOOKS = {
    "00": ("which machine all of this happens on", range(0), 2),
    "01": ("who decides when it runs", range(4, 8), 0),
    "02": ("how many at once", range(4, 8), 0),
    "03": ("the door between program and kernel", range(3, 6), 1),
    "04": ("interrupts, firmware and I/O", range(4), 0),
    "05": ("what all of it costs here", range(8), 2),
}
BARS = [[("04", 18, 352), ("01", 360, 560), ("02", 568, 742)], [("03", 18, 742)], [("00", 18, 376), ("05", 384, 742)]]
BACK = {"03", "05"}


def text(x, y, size, words, colour, weight=400, anchor="middle"):
    font = f'font-size="{size:g}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x:g}" y="{y:g}" {font} text-anchor="{anchor}">{words}</text>'


def dot(x, y, radius, is_lit):
    fill, stroke = (LIT, LIT) if is_lit else ("#fff", FAINT)
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{stroke}" stroke-width="2"/>'


def arrow(x, y, end, is_lit, head=5):
    colour = LIT if is_lit else RULE
    way = f"M{x:g} {y:g}H{end:g}m{-head} {-head}l{head} {head}l{-head} {head}"
    return f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="2"/>'


def row(notebook, lit):
    """Eight stations beside one another, for a page."""

    def at(number):
        return 54 + 93 * number

    for owner, first, last in OWNERS:
        x, end = at(first) - 42, at(last) + 42
        yield text((x + end) / 2, 26, 12, owner, QUIET)
        yield f'<path d="M{x} 34H{end}" stroke="{RULE}" stroke-width="1.5"/>'
    for number, (name, *words) in enumerate(STATIONS):
        is_lit = number in lit
        if number < 7:
            yield arrow(at(number) + 14, 70, at(number + 1) - 15, is_lit and number + 1 in lit)
        yield dot(at(number), 70, 11, is_lit)
        yield text(at(number), 102, 13, name, INK if is_lit else FAINT, 600)
        yield from (
            text(at(number), 119 + 14 * n, 11.5, line, INK if is_lit else FAINT) for n, line in enumerate(words)
        )
    colour, said = (LIT, LIT_TEXT) if notebook in BACK else (RULE, FAINT)
    yield f'<path d="M{at(7)} 142v20H54v-11" fill="none" stroke="{colour}" stroke-width="1.5" stroke-dasharray="4 4"/>'
    yield f'<path d="M49 156l5 -5l5 5" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    yield text(WIDE / 2, 178, 11.5, "the answer goes back through one door: a system call", said)
    for level, bars in enumerate(BARS):
        for number, x, end in bars:
            is_lit, y = number == notebook, 187 + 22 * level
            yield f'<rect x="{x}" y="{y}" width="{end - x}" height="18" rx="9" fill="{LIT_PALE if is_lit else PALE}"/>'
            words = f"{number} {NOTEBOOKS[number][0]}"
            yield text((x + end) / 2, y + 13, 11.5, words, LIT_TEXT if is_lit else FAINT, 600 if is_lit else 400)


def block(notebook, lit):
    """Two rows of four stations, for a telephone, where a unit is shown as less than half a pixel."""

    def at(number):
        return (98 + 188 * (number % 4), 44 + 104 * (number // 4))

    for number, (name, *_) in enumerate(STATIONS):
        (x, y), is_lit = at(number), number in lit
        if number % 4 < 3:
            yield arrow(x + 22, y, x + 188 - 24, is_lit and number + 1 in lit, 9)
        yield dot(x, y, 16, is_lit)
        yield text(x, y + 46, 25, name, INK if is_lit else FAINT, 600)
    turn = LIT if {3, 4} <= set(lit) else RULE
    yield f'<path d="M{at(3)[0] + 22} 44h40v66H26v38h46m-9 -9l9 9l-9 9" fill="none" stroke="{turn}" stroke-width="2"/>'
    yield text(WIDE / 2, 242, 25, f"{notebook} {NOTEBOOKS[notebook][0]}", LIT_TEXT, 600)


def drawn(notebook):
    words, lit, _ = NOTEBOOKS[notebook]
    # Notebook 00 is about the machine around all of them.
    frame = f'stroke="{LIT}" stroke-width="2"' if notebook == "00" else 'stroke="#d0d7de"'
    stations = ", ".join(name for name, *_ in STATIONS)
    size = f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}"'
    named = ", ".join(STATIONS[number][0] for number in lit) or "none of them, for it is about all"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="Inter, system-ui, sans-serif">',
            f"<title>The way of a request, from the wire to .await; lit is the part of notebook {notebook}: {words}</title>",
            f"<desc>Eight stations: {stations}. Lit: {named}. "
            "The answer goes back through one door, a system call.</desc>",
            "<style>.block{display:none}@media (max-width:519px){.row{display:none}.block{display:inline}}</style>",
            f'<rect x="1" y="1" width="{WIDE - 2}" height="{HIGH - 2}" rx="8" fill="#fff" {frame}/>',
            '<g class="row">',
            *row(notebook, lit),
            "</g>",
            '<g class="block">',
            *block(notebook, lit),
            "</g>",
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    for notebook in NOTEBOOKS:
        (Path(__file__).parent / f"map-{notebook}.svg").write_text(drawn(notebook), encoding="utf-8")
