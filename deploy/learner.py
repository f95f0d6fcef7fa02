"""A reader before JupyterLab, as a program: opens a notebook, runs all its cells and leaves its kernel idle."""

import json
import time
import uuid
from datetime import UTC, datetime
from urllib.request import Request, urlopen

from nbformat.v4 import output_from_msg
from websocket import create_connection

from book import ROOT
from book.notebook import read
from book.session import PATIENCE

SHOWN = ("stream", "execute_result", "display_data", "error")


class Learner:
    """Someone with a token for the server at this address."""

    def __init__(self, address, token):
        self.address, self.token = address.rstrip("/"), token

    def ask(self, path, given=None, method=None):
        """What the server answers to a request, as JSON."""
        data = None if given is None else json.dumps(given).encode()
        request = Request(f"{self.address}/{path}", data, {"Authorization": f"token {self.token}"}, method=method)
        with urlopen(request, timeout=PATIENCE) as reply:
            return json.loads(reply.read() or "null")

    def wait(self, path, patience=60):
        """The first good answer of a server that is still starting, or of a proxy that does not know it yet."""
        end = time.monotonic() + patience
        while True:
            try:
                return self.ask(path)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def run(self, path):
        """Every cell of the notebook, also those after an error, with outputs and times as a run of `book` has them."""
        notebook = read(path)
        place = {"path": str(path.relative_to(ROOT)), "type": "notebook", "name": path.name}
        kernel = self.ask("api/sessions", {**place, "kernel": {"name": "rust"}})["kernel"]["id"]
        channels = f"{self.address.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
        socket = create_connection(channels, PATIENCE, header=[f"Authorization: token {self.token}"])
        try:
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    execute(socket, cell)
        finally:
            socket.close()
        return notebook

    def leave(self):
        """Shut every kernel down; a local server that is stopped would leave them behind."""
        for kernel in self.ask("api/kernels"):
            self.ask(f"api/kernels/{kernel['id']}", method="DELETE")


def execute(socket, cell):
    """One cell: what it shows and when it began and ended are stored in it."""
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "session": asked, "username": "", "version": "5.3"}
    header["date"] = datetime.now(UTC).isoformat()
    content = {"code": cell.source, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    socket.send(json.dumps(message))
    cell.outputs, times = [], {}
    # Nothing orders the two channels: the cell is over when its reply and its last output have come.
    waited = {"execute_reply", "idle"}
    while waited:
        message = json.loads(socket.recv())
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind = message["header"]["msg_type"]
        if kind in SHOWN:
            cell.outputs.append(output_from_msg(message))
        elif kind == "execute_input":
            times["iopub.execute_input"] = message["header"]["date"]
        elif kind == "execute_reply":
            times["shell.execute_reply"] = message["header"]["date"]
            waited.discard(kind)
        elif kind == "status":
            waited.discard(message["content"]["execution_state"])
    cell.metadata["execution"] = times
