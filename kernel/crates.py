"""The crates that the kernel's rust-analyzer reads: those that a notebook names.

It infers types and completes names, and would first read the sources of all that these crates are built on. Below the
instruments that takes half of a first cell's time and two thirds of a kernel's memory, for names that cells hardly use. What
comes from there, a number of libc's say, needs its type written in its `let`, as what comes from the standard library does.

Stands for cargo where `metadata` is asked for, and passes its answer on without the crates that only the instruments need.
"""

import json
import subprocess
import sys
from pathlib import Path

INSTRUMENTS = Path(__file__).resolve().parent.parent / "helpers" / "Cargo.toml"


def named(metadata, instruments=INSTRUMENTS):
    """The same answer of `cargo metadata`, without what is reached through the instruments alone."""
    packages = {package["id"]: package for package in metadata["packages"]}
    below = {node["id"]: node["dependencies"] for node in metadata["resolve"]["nodes"]}
    for crate, package in packages.items():
        if package["source"] is None and Path(package["manifest_path"]).resolve() == instruments:
            below[crate] = []
    kept, waiting = set(), list(metadata["workspace_members"])
    while waiting:
        crate = waiting.pop()
        if crate not in kept:
            kept.add(crate)
            waiting += below[crate]
    nodes = [
        node
        | {
            "dependencies": [crate for crate in node["dependencies"] if crate in kept],
            "deps": [crate for crate in node["deps"] if crate["pkg"] in kept],
        }
        for node in metadata["resolve"]["nodes"]
        if node["id"] in kept
    ]
    return metadata | {
        "packages": [packages[crate] for crate in packages if crate in kept],
        "resolve": metadata["resolve"] | {"nodes": nodes},
    }


def main(arguments):
    asked = subprocess.run(["cargo", *arguments], stdout=subprocess.PIPE)
    told = asked.stdout
    if asked.returncode == 0 and "--no-deps" not in arguments:
        told = json.dumps(named(json.loads(told))).encode()
    sys.stdout.buffer.write(told)
    return asked.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
