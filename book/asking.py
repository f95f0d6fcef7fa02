"""What a notebook asks its reader before it answers: guesses with their answers, and votes."""

import re
from dataclasses import dataclass

from book import axis
from book.execution import text
from book.inspection import draws, htmls

PREDICT = re.compile(r'let (\w+)(?:: [^=]+)? = predict\("((?:[^"\\]|\\.)*)"\)')
AGAINST = re.compile(r"^(\w+)\.against\(", re.M)
ANSWER = re.compile(r"Here it is (.+?)\. What would you have said\?")
VOTE = re.compile(r"“(.+?)” or “(.+?)”\? Add \.first\(\)")

# Where a slider begins and ends if the answer's chart has no axis that leaves a choice: wide enough to give nothing away.
RANGES = {
    "time": ("log", 1, 1e10),
    "count": ("log", 1, 1e6),
    "bytes": ("log", 1, 2**40),
    "ratio": ("log", 0.01, 1e4),
    "share": ("linear", 0, 1),
    "cpus": ("log", 0.1, 1000),
}
DECADES = 3


@dataclass
class Guess:
    """A quantity that the reader is asked for, and what it was here."""

    number: int
    name: str
    answer: str
    value: float
    kind: str
    scale: str = ""
    low: float = 0
    high: float = 0


def asked(notebook):
    """Marks each cell with what it asks and with what it would give away: `asks` (a guess), `tells` (the number of one)
    and `votes` (two statements)."""
    open_guesses, guesses, waiting = {}, [], []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            # A section ends: nobody waits any longer for a chart.
            waiting = [] if re.search(r"^## ", cell.source, re.M) else waiting
            continue
        for variable, name in PREDICT.findall(cell.source):
            open_guesses[variable] = (name, place)
            waiting = []
        vote = VOTE.search(text(cell))
        if vote:
            cell.metadata["votes"] = list(vote.groups())
        against = AGAINST.search(cell.source)
        answer = ANSWER.search(text(cell))
        if against and answer and against[1] in open_guesses:
            name, begun = open_guesses.pop(against[1])
            guess = made(len(guesses) + 1, name, answer[1], notebook.cells[begun].source)
            if guess:
                guesses.append(guess)
                notebook.cells[begun].metadata.setdefault("asks", []).append(guess)
                for other in notebook.cells[begun + 1 : place + 1]:
                    other.metadata["tells"] = guess.number
                waiting = [guess]
        elif waiting and draws(cell):
            cell.metadata["tells"] = waiting[0].number
            cell.metadata["drawn"] = bool(re.search(r"\.guess(_of)?\(", cell.source))
            placed(waiting.pop(), cell)
    return guesses


def made(number, name, answer, source):
    found = axis.quantity(answer.removeprefix("about "))
    if not found:
        return None
    value, kind = found
    kind = "ratio" if kind == "count" and ".at(Ratio(" in source else kind
    return Guess(number, name, answer, value, kind, *RANGES[kind])


def placed(guess, cell):
    """Takes the axis of the chart that shows the answer, if it leaves a choice."""
    for shape in axis.shown("".join(htmls(cell))):
        _, scale, low, high, _, _, kind = shape
        low, high = sorted((low, high))
        if kind == guess.kind and scale == "log" and high >= low * 10**DECADES and low <= guess.value <= high:
            guess.scale, guess.low, guess.high = scale, low, high
