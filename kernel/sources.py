"""Where the reader's cargo fetches crates from: a mirror, a proxy, certificates, credentials. Kernels have a cargo home of
their own, outside of the folders in which cargo would look for such settings, so they are carried there."""

import os
import shutil
import tomllib
from pathlib import Path

import tomli_w

from book import ROOT

# What says where crates come from, and nothing of how they are compiled.
TABLES = ("source", "registries", "registry", "http", "net", "credential-alias")

# Settings that are paths, relative to the folder that holds `.cargo`; their names anywhere below those tables.
PATHS = {"directory", "local-registry", "cainfo", "proxy-cainfo"}


def carry(home):
    """Write the settings that hold in this project into the cargo home of its kernels."""
    settings = {}
    for file in reversed(files()):
        merge(settings, anchored(read(file), file.parent.parent))
    (home / "config.toml").write_text(tomli_w.dumps(settings), encoding="utf-8")
    kept = home / "credentials.toml"
    kept.unlink(missing_ok=True)
    for credentials in named(own_home(), "credentials"):
        shutil.copy(credentials, kept)
        kept.chmod(0o600)


def own_home():
    return Path(os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo"))


def files():
    """The files that cargo reads in this project, the one that wins first."""
    folders = [folder / ".cargo" for folder in (ROOT, *ROOT.parents)] + [own_home()]
    found = []
    for folder in folders:
        found += [file for file in named(folder, "config") if file not in found]
    return found


def named(folder, name):
    """The file of this name, if there is one, that cargo reads in a folder: the name without a suffix is older, and cargo
    takes it where both are there."""
    both = [folder / name, folder / f"{name}.toml"]
    return [file for file in both if file.is_file()][:1]


def read(file):
    """The settings of one file that concern us. What cargo cannot read either, it will say better."""
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: settings[name] for name in TABLES if isinstance(settings.get(name), dict)}


def anchored(settings, folder):
    """The same with relative paths made absolute, as they were meant."""
    return {
        name: anchored(value, folder)
        if isinstance(value, dict)
        else str(folder / value)
        if name in PATHS and isinstance(value, str)
        else value
        for name, value in settings.items()
    }


def merge(into, more):
    """Lay settings over others, table by table."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value
