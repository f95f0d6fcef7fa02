"""What a chart's picture says of its values: the axis they are read on, and which group of marks is whose.

Charts that state it as data attributes are taken at their word. Of others it is read from the ticks, and only believed if
all of them lie where such an axis would have them."""

import re
from base64 import b64decode
from contextlib import suppress
from itertools import pairwise
from math import log10
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {
    "time": {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9},
    "bytes": {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "kB": 1e3, "MB": 1e6},
    "share": {"%": 0.01},
    "cpus": {"CPU": 1, "CPUs": 1},
}
QUANTITY = re.compile(r"(−?[\d,]+(?:\.\d+)?)\s?(%|[A-Za-zµ]+)?")
NEAR = 1.0  # pixels that a tick may lie off: positions are rounded to tenths, values to three figures


def quantity(words):
    """A number with its unit as value (in the unit's base) and kind; nothing if these words are something else."""
    match = QUANTITY.fullmatch(words.strip())
    if not match:
        return None
    number = float(match[1].replace("−", "-").replace(",", ""))
    if not match[2]:
        return number, "count"
    for kind, sizes in SIZES.items():
        if match[2] in sizes:
            return number * sizes[match[2]], kind
    return None


def annotate(root):
    """Writes on the picture `data-axis`, and `data-name` and `data-value` on the groups of its marks."""
    if not any("data-axis" in node.attrib for node in root.iter()):
        axes = ticks(root)
        if axes:
            root.set("data-axis", " ".join(map(str, axes[0])))
    for group in root.iter(SVG + "g"):
        title = group.find(SVG + "title")
        if title is None or "data-name" in group.attrib:
            continue
        name, _, said = (title.text or "").partition(": ")
        group.set("data-name", name)
        middle = re.match(r"(?:median )?([^,]+(?:,\d{3})*[^,]*)", said)
        value = quantity(middle[1]) if middle else None
        if value:
            group.set("data-value", f"{value[0]:.6g}")


def ticks(root):
    """The axes that the picture's ticks show: direction, kind, two values and where they lie, unit."""
    texts = []
    for node in root.iter(SVG + "text"):
        value = quantity("".join(node.itertext()))
        if value:
            texts.append((float(node.get("x", 0)), float(node.get("y", 0)), node.get("text-anchor"), *value))
    found = []
    for direction, across, anchor in (("x", 1, "middle"), ("y", 0, "end")):
        rows = {}
        for text in texts:
            if text[2] == anchor:
                rows.setdefault(text[across], []).append((text[1 - across], text[3], text[4]))
        for row in rows.values():
            shape = fitted(row)
            if shape and shape[-1] != "count":
                found.append((direction, *shape))
    return found


def fitted(row):
    """The axis on which these places and values lie, if there is one."""
    row = sorted(set(row))
    # A zero has no unit of its own to speak of.
    kinds = {kind for _, value, kind in row if value}
    if len(row) < 3 or len(kinds) != 1:
        return None
    if not all(one[1] < other[1] for one, other in pairwise(row)) and not all(
        one[1] > other[1] for one, other in pairwise(row)
    ):
        return None
    (first, low, _), (last, high, _) = row[0], row[-1]
    for scale, of in (("linear", float), ("log", log10)):
        if scale == "log" and min(low, high) <= 0:
            continue
        slope = (last - first) / (of(high) - of(low))
        if all(abs(first + slope * (of(value) - of(low)) - place) <= NEAR for place, value, _ in row):
            return scale, low, high, first, last, kinds.pop()
    return None


def shown(html):
    """The axes of the charts in a cell's output."""
    found = []
    for encoded in re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]*)"', html):
        with suppress(ElementTree.ParseError, ValueError):
            root = ElementTree.fromstring(b64decode(encoded))
            annotate(root)
            stated = [node.get("data-axis").split() for node in root.iter() if "data-axis" in node.attrib]
            found += [(d, kind, *map(float, numbers), unit) for d, kind, *numbers, unit in stated]
    return found


def texts(html):
    """Everything that is written in the charts of a cell's output."""
    found = []
    for encoded in re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]*)"', html):
        with suppress(ElementTree.ParseError, ValueError):
            root = ElementTree.fromstring(b64decode(encoded))
            found += ["".join(node.itertext()) for node in root.iter(SVG + "text")]
    return found
