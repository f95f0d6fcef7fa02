"""Shows that the image is fit to be handed out; `make image` runs it there, without root and without a network."""

import os
import socket
import subprocess
import sys
from urllib.error import HTTPError

from websocket import WebSocketException

from book import execution, inspection, notebook, speak_utf8
from book.lab import settle
from deploy.learner import Learner

HEALTHY = [sys.executable, "deploy/healthy.py"]


def programs():
    """Not root, and with the commands that Binder and JupyterHub call."""
    if os.geteuid() == 0:
        yield "runs as root"
    for command in (["jupyter", "lab"], ["jupyter", "notebook"], ["jupyterhub-singleuser"]):
        done = subprocess.run([*command, "--version"], capture_output=True, encoding="utf-8", errors="replace")
        if done.returncode:
            yield f"{' '.join(command)} does not start:\n{done.stderr}"


def reading(wanted):
    """One server, and the book in it, one notebook after another, as a reader opens them: those whose names begin as one of
    these, or all."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--port={port}", "--IdentityProvider.token=secret", "--no-browser"]
    settle()
    lab = subprocess.Popen([sys.executable, "-m", "book", "lab", "--", *options], stderr=subprocess.DEVNULL)
    try:
        reader = Learner(f"http://127.0.0.1:{port}", "secret")
        reader.wait("api/contents")
        try:
            Learner(reader.address, "guessed").ask("api/contents")
            yield "the server asks for no token"
        except HTTPError as error:
            if error.code != 403:
                yield f"the server answers {error.code} to a wrong token"
        if subprocess.run(HEALTHY).returncode:
            yield "the server is not found healthy"
        for path in (path for path in notebook.paths() if path.name.startswith(wanted or "")):
            try:
                executed = reader.run(path)
            except (OSError, WebSocketException) as error:
                yield f"{path.name}: the server ended while it ran ({error})"
                return
            print(f"{path.name}: {execution.duration(executed):.0f} s", flush=True)
            for fault in inspection.faults(executed):
                yield f"{path.name}: {fault}"
        kernels = reader.ask("api/kernels")
        print(f"{len(kernels)} kernels are open")
    finally:
        lab.terminate()
        lab.wait()
    if not subprocess.run(HEALTHY, capture_output=True).returncode:
        yield "the server is found healthy when it is gone"


speak_utf8()
faults = [*programs(), *reading(tuple(sys.argv[1:]))]
for fault in faults:
    print(fault, file=sys.stderr)
sys.exit(bool(faults))
