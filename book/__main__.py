"""The commands behind make's targets."""

import argparse
import errno
import os
import sys
from pathlib import Path

from nbformat import ValidationError

from book import (
    check,
    execution,
    format,
    inspection,
    lab,
    latency,
    not_written,
    notebook,
    pages,
    playground,
    record,
    speak_utf8,
)


def run(options):
    """execute a notebook and print what its cells show"""
    unfit = unreadable(options.notebook) + (unwritable(options.out) if options.out else [])
    if unfit:
        return unfit
    executed = execution.execute(options.notebook.resolve(), twice=options.twice)
    print(execution.told(executed))
    if options.out:
        notebook.write(executed, options.out)
    return inspection.faults(executed)


def html(options):
    """execute every notebook into site/"""
    # Minutes before the first page is written.
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        return [f"book: cannot make {options.out} ({error.strerror}); name a directory after --out"]
    if not os.access(options.out, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(options.out))
    executed, faults = {}, []
    for path in notebook.paths():
        executed[path] = execution.execute(path)
        print(f"{path.name}: {execution.duration(executed[path]):.0f} s", flush=True)
        faults += [f"{path.name}: {fault}" for fault in inspection.faults(executed[path])]
    for name, weight in pages.publish(executed, options.out, notebook.documents()):
        print(f"{name}: {weight / 1000:.0f} kB, compressed as it travels")
    print(f"script of each page: {len(pages.script().encode()) / 1000:.0f} kB")
    print(f"open {options.out / 'index.html'}")
    return faults


def unreadable(path):
    """Why a file cannot be read as a notebook; nothing if it can."""
    try:
        # From a pipe nothing may ever come.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ValueError
        notebook.read(path)
    except OSError as error:
        return [f"book: cannot read {path} ({error.strerror}); name a notebook, as in notebooks/NAME.ipynb"]
    except (ValueError, AttributeError, ValidationError):
        return [f"book: {path} holds no notebook; name one, as in notebooks/NAME.ipynb"]
    return []


def unwritable(file):
    """Why a file cannot be written, tried before the minutes that notebooks take; nothing if it can."""
    remedy = "name a file after --out, in a directory that is yours"
    try:
        # What a link leads to is what is written, and what goes again.
        place = file.resolve()
        is_new = not place.exists()
        if not is_new and not place.is_file() and not place.is_dir():
            return [f"book: cannot write {file} (it is a device or a pipe); {remedy}"]
        place.open("ab").close()
        if is_new:
            place.unlink()
    except (OSError, RuntimeError) as error:
        return [f"book: cannot write {file} ({getattr(error, 'strerror', error)}); {remedy}"]
    return []


def every_notebook(act):
    def command(options):
        paths = options.notebooks or notebook.paths()
        unfit = [fault for path in paths for fault in unreadable(path)]
        for path in [] if unfit else paths:
            act(path)
        return unfit

    return command


def main():
    speak_utf8()
    parser = argparse.ArgumentParser(prog="python -m book", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name, act, about):
        added = commands.add_parser(name, help=about)
        added.set_defaults(act=act)
        return added

    one = command("run", run, run.__doc__)
    one.add_argument("notebook", type=Path)
    one.add_argument("--out", type=Path, help="where to store it with its outputs")
    one.add_argument("--twice", action="store_true", help="run each cell again before the next, as the tests do")
    command("html", html, html.__doc__).add_argument("--out", type=Path, default=pages.SITE)
    command("check", lambda _: check.check(), "everything that can be told without running a notebook")
    for name, act, about in (
        ("format", format.format, "give cells the shape that rustfmt gives the crate"),
        ("playground", playground.update, "write the Playground links anew"),
    ):
        command(name, every_notebook(act), about).add_argument("notebooks", type=Path, nargs="*")
    command(
        "latency", lambda _: latency.bench(), "add what opening and running the notebooks costs to target/bench.json"
    )
    kept = command(
        "record", lambda options: record.make(options.name, options.label), "run the book and write records/NAME.json"
    )
    kept.add_argument("name", help="of the file, as in my-laptop")
    kept.add_argument("label", help="what you call the machine and its surroundings, without your name or its own")
    opened = command("lab", lambda options: lab.lab(options.options), "open the book in JupyterLab")
    opened.add_argument("options", nargs="*", help="more of JupyterLab's own, after --")

    options = parser.parse_args()
    try:
        faults = options.act(options) or []
    except OSError as error:
        if not not_written(error):
            raise
        sys.exit(
            f"book: {not_written(error)}. "
            "Work in a copy of this folder that is yours; `html` and `run` also take --out, for another place."
        )
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults))


main()
