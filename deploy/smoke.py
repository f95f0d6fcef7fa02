"""Shows that an image is fit to be handed out; run in it, without root and without a network, by `make image`."""

import os
import socket
import subprocess
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

sys.path.insert(0, ".")

from book import execution, inspection, notebook

TOKEN = "smoke"
PATIENCE = 60  # seconds


def programs():
    """Not root, and with the commands that Binder and JupyterHub call."""
    if os.geteuid() == 0:
        yield "runs as root"
    for command in (["jupyter", "lab"], ["jupyter", "notebook"], ["jupyterhub-singleuser"]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True)
        if done.returncode:
            yield f"{' '.join(command)} does not start:\n{done.stderr}"


def server():
    """JupyterLab on the port and with the token that it is given, and a health check that sees it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--port={port}", f"--IdentityProvider.token={TOKEN}", "--no-browser"]
    lab = subprocess.Popen(["jupyter", "lab", *options], stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/api/contents"
        given, without = status(f"{address}?token={TOKEN}"), status(address)
        if (given, without) != (200, 403):
            yield f"answers {given} to its token and {without} to none"
        if subprocess.run([sys.executable, "deploy/healthy.py"]).returncode:
            yield "is not found healthy"
    finally:
        lab.terminate()
        lab.wait()
    if not subprocess.run([sys.executable, "deploy/healthy.py"], capture_output=True).returncode:
        yield "is found healthy when it is gone"


def status(address):
    """What the server answers, once it does."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return urlopen(address).status
        except HTTPError as error:
            return error.code
        except URLError:
            if time.monotonic() > end:
                return "nothing"
            time.sleep(0.2)


def book():
    """Every notebook, from a fresh kernel to its end."""
    for path in notebook.paths():
        executed = execution.execute(path)
        print(f"{path.name}: {execution.duration(executed):.0f} s", flush=True)
        for fault in inspection.faults(executed):
            yield f"{path.name}: {fault}"


faults = [f"{part.__name__}: {fault}" for part in (programs, server, book) for fault in part()]
sys.exit("\n".join(faults))
