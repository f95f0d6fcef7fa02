"""Running a notebook from a fresh kernel to its end, and telling what it cost."""

import os
import re
import subprocess
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from queue import Empty

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat.corpus.words import generate_corpus_id

from book.notebook import read
from book.session import LATE, PATIENCE, spec

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Runner(NotebookClient):
    """As nbclient's, and it hears what a cell printed until the last line, also where that comes after its end was told."""

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        if "print" not in cell.source:
            return
        with suppress(Empty):
            while True:
                message = await self.kc.iopub_channel.get_msg(timeout=LATE)
                if message["parent_header"].get("msg_id") == parent_msg_id:
                    self.process_message(message, cell, cell_index)


def execute(path, program=None, environment=None, twice=False):
    """Run every cell, also those after an error, and return the notebook with its outputs and times. With `twice`, each
    is run again before the next, as readers do; `again` gives what came of that."""
    notebook = read(path)
    once = notebook.cells
    if twice:
        notebook.cells = [run for cell in once for run in repeated(cell)]
    client = Runner(
        notebook,
        kernel_name="rust",
        timeout=PATIENCE,
        startup_timeout=PATIENCE,
        allow_errors=True,
        record_timing=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    if program:
        client.create_kernel_manager()._kernel_spec = spec(program)
    try:
        client.execute(env=environment or dict(os.environ), stdout=subprocess.DEVNULL)
    except (RuntimeError, CellTimeoutError) as error:
        # It died or never came to life; the cells that ran keep their outputs.
        notebook.metadata["died"] = str(error)
    notebook.cells = once
    return notebook


def repeated(cell):
    """The cell and, if it holds code, the same once more. The first keeps the second."""
    if cell.cell_type == "code" and cell.source.strip():
        second = deepcopy(cell)
        second["id"] = generate_corpus_id()
        cell.metadata["again"] = second
        return [cell, second]
    return [cell]


def again(cell):
    """What came of running the cell a second time, as a cell; none if it was run once."""
    return cell.metadata.get("again")


def seconds(cell):
    """How long a cell took, compiling included, by the kernel's own messages."""
    times = cell.metadata.get("execution", {})
    begun = times.get("iopub.execute_input")
    ended = times.get("shell.execute_reply")
    if not (begun and ended):
        return None
    return (moment(ended) - moment(begun)).total_seconds()


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def duration(notebook):
    """Seconds of all cells together."""
    return sum(seconds(cell) or 0.0 for cell in notebook.cells)


def text(cell):
    """Everything a cell showed, as text."""
    parts = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append("\n".join(output.traceback))
        else:
            parts.append(output.data.get("text/plain", ""))
    shown = "\n".join(part.rstrip("\n") for part in parts if part.strip())
    return COLOUR.sub("", shown)


def told(notebook):
    """The run as a reader at a terminal would see it: each cell's first line, its time and its output."""
    lines = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        took = seconds(cell)
        first = cell.source.strip().splitlines()[0] if cell.source.strip() else ""
        lines.append(f"[{number}] {'did not run' if took is None else f'{took:.2f} s'}  {first}")
        lines += ["    " + line for line in text(cell).splitlines()]
    lines.append(f"all cells: {duration(notebook):.1f} s")
    return "\n".join(lines)
