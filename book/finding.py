"""What a run has found, in one sentence each: the titles of the charts that rule on a claim."""

import re
from dataclasses import dataclass

from book import axis
from book.execution import text
from book.inspection import htmls

RULED = re.compile(r"<figcaption>Claim: .*Here: (shown|not shown|undecided|unavailable)\.\s*</figcaption>", re.S)
MACHINE = re.compile(r"^.*?· (?:Linux|macOS|Darwin|Windows)[^·<]*", re.M)


@dataclass
class Finding:
    """A ruled chart."""

    ruling: str
    sentence: str
    html: str

    @property
    def numbers(self):
        return re.findall(r"\d[\d,.]*\d|\d", self.sentence)

    @property
    def decades(self):
        """How wide the chart's axis spans."""
        spans = [max(high, low) / min(high, low) for _, kind, low, high, *_ in axis.shown(self.html) if kind == "log"]
        return max(spans, default=1)


def findings(notebook):
    """All of them, in the order of the run."""
    found = []
    for cell in notebook.cells:
        for html in htmls(cell):
            if ruled := RULED.search(html):
                sentence = re.sub(r"^(Undecided|Unavailable): ", "", text(cell).split("\n")[0])
                found.append(Finding(ruled[1], sentence.strip(), html))
    return found


def first(notebook):
    """The first that was shown with a number in it; failing that, the first at all."""
    all_ = findings(notebook)
    told = [finding for finding in all_ if finding.ruling == "shown" and finding.numbers]
    return next(iter(told or all_), None)


def machine(notebook):
    """The machine of the run, as its charts name it."""
    for cell in notebook.cells:
        for html in htmls(cell):
            for words in axis.texts(html):
                if found := MACHINE.match(words):
                    return found[0].strip()
    return ""
