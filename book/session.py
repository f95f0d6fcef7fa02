"""One kernel, started, asked and stopped: what the set-up and the latency figures talk to."""

import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty

import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from book import NOTEBOOKS

PATIENCE = 900  # seconds: a first compile of everything on a slow machine, under load
# Seconds. The kernel hands printed lines to a thread of its own, and on a busy machine may say that a cell has ended before
# that thread has sent the last of them (evcxr issue 353).
LATE = 0.1


def spec(program):
    """How Jupyter starts a kernel that is not installed."""
    argv = [str(program), "--control_file", "{connection_file}"]
    return KernelSpec(argv=argv, language="rust", display_name="Rust", interrupt_mode="message")


class Failed(Exception):
    """A cell ended with an error, or the kernel died."""


@dataclass
class Reply:
    """What one cell sent back."""

    seconds: float
    text: str = ""
    html: str = ""
    errors: list = field(default_factory=list)


class Session:
    """A running kernel: the installed `rust` one, or any program with its own environment."""

    def __init__(self, program=None, environment=None, folder=NOTEBOOKS):
        self.manager = KernelManager(kernel_name="rust")
        if program:
            self.manager._kernel_spec = spec(program)
        began = time.perf_counter()
        environment = dict(os.environ) if environment is None else environment
        self.manager.start_kernel(env=environment, cwd=str(folder), stdout=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=PATIENCE)
        except RuntimeError as error:
            self.stop()
            raise Failed(str(error)) from error
        self.ready = time.perf_counter() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def version(self):
        """The kernel's own word for its version."""
        return self.client.kernel_info(reply=True, timeout=60)["content"]["implementation_version"]

    def directory(self):
        """Where it compiles its cells. Of evcxr's versions, 0.21 tells it in quotes."""
        return Path(self.run(":last_compile_dir").text.strip().strip('"'))

    def run(self, code):
        """Execute one cell and wait for all it prints; an error is raised, as a notebook would stop there."""
        reply = Reply(0.0)

        def hear(message):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                reply.text += content["text"]
            elif kind in ("execute_result", "display_data"):
                reply.text += content["data"].get("text/plain", "")
                reply.html += content["data"].get("text/html", "")
            elif kind == "error":
                reply.errors.append("\n".join(content["traceback"]))

        began = time.perf_counter()
        end = self.client.execute_interactive(code, output_hook=hear, timeout=PATIENCE, allow_stdin=False)
        reply.seconds = time.perf_counter() - began
        if "print" in code:
            with suppress(Empty):
                while True:
                    hear(self.client.get_iopub_msg(timeout=LATE))
        if end["content"]["status"] != "ok":
            raise Failed("\n".join(reply.errors) or "the cell failed without a word")
        return reply

    def memory(self):
        """Resident bytes of the kernel and of every process below it, the compiler while it runs."""
        try:
            kernel = psutil.Process(self.manager.provisioner.pid)
            family = [kernel, *kernel.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        total = 0
        for process in family:
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total

    def stop(self):
        """Shut the kernel down as Jupyter does: ask first, then insist."""
        self.client.stop_channels()
        self.manager.shutdown_kernel()
