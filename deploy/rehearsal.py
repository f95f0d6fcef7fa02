"""A class in miniature: one hub, one learner at a time and then all at once, each running a notebook through it.

Wants JupyterHub and its proxy: `make .venv/served`, `npm install --global configurable-http-proxy`, and both on PATH.
Prints what a learner takes and what neighbours do to the timings, as JSON: the figures of deploy/README.md.
"""

import argparse
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

from book import NOTEBOOKS, ROOT, execution, inspection, speak_utf8
from deploy.learner import Learner

# Learners are names, not accounts: the hub starts each server as the user that it runs as itself.
CONFIGURATION = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.Authenticator.allow_all = True
c.Spawner.notebook_dir = "{homes}/{{username}}"
c.Spawner.environment = {environment}
c.Spawner.args = {options}
c.JupyterHub.services = [{{"name": "teacher", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{
        "name": "teacher",
        "services": ["teacher"],
        "scopes": ["admin:users", "admin:servers", "tokens", "access:servers", "list:users"],
    }}
]
"""


class Hub:
    """JupyterHub with its proxy, in a directory that goes with it."""

    def __init__(self, environment, homes):
        self.folder = tempfile.TemporaryDirectory()
        token = secrets.token_hex(32)
        ports = dict(zip(("port", "hub", "proxy"), free_ports(3), strict=True))
        options = ["--allow-root"] if os.geteuid() == 0 else []
        configuration = CONFIGURATION.format(
            **ports, homes=homes, environment=environment, token=token, options=options
        )
        file = Path(self.folder.name) / "jupyterhub_config.py"
        file.write_text(configuration, encoding="utf-8")
        self.process = subprocess.Popen(["jupyterhub", "-f", file], cwd=self.folder.name, stdout=sys.stderr)
        self.address = f"http://127.0.0.1:{ports['port']}"
        self.teacher = Learner(f"{self.address}/hub", token)

    def __enter__(self):
        self.teacher.wait("api/")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def learner(self, name):
        """A new user, with a running server of theirs."""
        self.teacher.ask(f"api/users/{name}", {}, "POST")
        self.teacher.ask(f"api/users/{name}/server", {}, "POST")
        while not self.teacher.ask(f"api/users/{name}")["servers"].get("", {}).get("ready"):
            time.sleep(0.2)
        token = self.teacher.ask(f"api/users/{name}/tokens", {}, "POST")["token"]
        return Learner(f"{self.address}/user/{name}", token)

    def dismiss(self, name):
        """Stop the learner's server, and wait until it has."""
        self.teacher.ask(f"api/users/{name}/server", method="DELETE")
        while self.teacher.ask(f"api/users/{name}")["servers"]:
            time.sleep(0.2)

    def servers(self):
        """The process of each learner's server."""
        return [
            process
            for process in psutil.Process(self.process.pid).children()
            if any("singleuser" in part for part in process.cmdline())
        ]


def free_ports(count):
    """Ports that nothing listens to, held together so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Scales(threading.Thread):
    """What each learner's processes take while this is open: shared pages are parted among those who share them."""

    def __init__(self, hub):
        super().__init__(daemon=True)
        self.hub, self.over, self.peaks, self.last = hub, threading.Event(), {}, {}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        while not self.over.wait(0.25):
            for server in self.hub.servers():
                self.last[server.pid] = weight(server)
                self.peaks[server.pid] = max(self.peaks.get(server.pid, 0), self.last[server.pid])


def weight(server):
    """Megabytes of a server, its kernels and what they run."""
    total = 0
    for process in [server, *server.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return round(total / 1e6)


def told(executed, record):
    """What a run says of itself: its time, what became of its claims, and its timings, by the record that it kept."""
    measured = {timing["name"]: timing for timing in record["timings"] if timing["samples"]}
    disturbed = [timing for timing in measured.values() if "disturbed" in timing["status"]]
    return {
        "seconds": round(execution.duration(executed)),
        "rulings": dict(Counter(verdict["ruling"] for verdict in record["verdicts"])),
        "timings": len(measured),
        "disturbed": len(disturbed),
        "waited": [round(100 * share) for share in map(waiting, disturbed) if share is not None],
        "values": {name: figures(timing["samples"]) for name, timing in measured.items()},
        "faults": inspection.faults(executed),
    }


def waiting(timing):
    """The share of its time that the measuring thread was ready and had no CPU, where the kernel counts that."""
    ledger = timing["ledger"] or {}
    return ledger["waited"]["Ok"] / ledger["elapsed"] if "Ok" in ledger.get("waited", {}) else None


def figures(samples):
    """Nanoseconds: what a cell reports first, and what neighbours disturb more."""
    ordered = sorted(samples)
    return {
        "median": statistics.median(ordered),
        "99 %": ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
        "mean": statistics.fmean(ordered),
    }


def moved(alone, together):
    """How many times as large each figure is in company: in the middle of all timings, and at worst."""
    found = {}
    for figure in ("median", "99 %", "mean"):
        ratios = [
            (run["values"][name][figure] / value[figure], name)
            for name, value in alone["values"].items()
            for run in together
            if name in run["values"]
        ]
        if ratios:
            worst, name = max(ratios)
            middle = statistics.median(ratio for ratio, _ in ratios)
            found[figure] = {"middle": round(middle, 2), "worst": round(worst, 2), "of": name}
    return found


def lesson(names, path, environment):
    """All of them at once, each with a server, the notebook, and a folder for what it keeps."""
    with tempfile.TemporaryDirectory() as homes:
        for name in names:
            settle(Path(homes) / name)
        with Hub(environment, homes) as hub, ThreadPoolExecutor(len(names)) as together:
            learners = list(together.map(hub.learner, names))
            idle = [weight(server) for server in hub.servers()]
            with Scales(hub) as scales:
                runs = list(together.map(lambda learner: learner.run(path), learners))
                time.sleep(2)
            list(together.map(Learner.leave, learners))
            list(together.map(hub.dismiss, names))
        records = [record(Path(homes) / name / kept(path)) for name in names]
    return {
        "server_alone_mb": idle,
        "peak_mb": sorted(scales.peaks.values()),
        "at_rest_mb": sorted(scales.last.values()),
        "runs": [told(run, record) for run, record in zip(runs, records, strict=True)],
    }


def settle(home):
    """A learner's own notebooks, beside the instruments that all share: evcxr follows the link to the warm ones."""
    home.mkdir()
    shutil.copytree(NOTEBOOKS, home / NOTEBOOKS.name, ignore=shutil.ignore_patterns("measured", "votes.json"))
    (home / "helpers").symlink_to(ROOT / "helpers")


def record(file):
    """What a learner's notebook kept; nothing, if it keeps nothing or did not come to its end."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"timings": [], "verdicts": []}


def kept(path):
    """Where a notebook keeps its record, from the folder of its learner."""
    return Path(NOTEBOOKS.name) / "measured" / f"{path.stem}.json"


def main():
    speak_utf8()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--learners", type=int, default=5)
    parser.add_argument("--sources", help="a copy of the standard library's sources, for kernels that infer types")
    options = parser.parse_args()
    names = [f"learner-{number}" for number in range(1, options.learners + 1)]
    environment = {"RUST_SRC_PATH": options.sources} if options.sources else {}
    path = options.notebook.resolve()
    alone = lesson(names[:1], path, environment)
    together = lesson(names, path, environment)
    found = {"cpus": len(os.sched_getaffinity(0)), "alone": alone, "together": together}
    found["moved"] = moved(alone["runs"][0], together["runs"])
    runs = alone["runs"] + together["runs"]
    for run in runs:
        del run["values"]
    print(json.dumps(found, indent=1))
    sys.exit(any(run["faults"] for run in runs))


if __name__ == "__main__":
    main()
