"""A kernel that answers every cell with the one sentence why there is no Rust kernel: seen where the reader looks."""

import sys
from typing import ClassVar

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Unable(Kernel):
    """Knows one sentence."""

    implementation = "unable"
    implementation_version = "0"
    language_info: ClassVar = {"name": "Rust", "mimetype": "text/rust", "file_extension": ".rs"}
    reason = ""

    @property
    def banner(self):
        return self.reason

    def do_execute(self, code, silent, *_, **__):
        error = {"ename": "No kernel", "evalue": self.reason, "traceback": [self.reason]}
        if not silent:
            self.send_response(self.iopub_socket, "error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}


if __name__ == "__main__":
    Unable.reason = sys.argv[1]
    connection = sys.argv[sys.argv.index("--control_file") + 1]
    IPKernelApp.launch_instance(kernel_class=Unable, argv=["-f", connection, "--log-level=ERROR"])
