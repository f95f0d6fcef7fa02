"""A machine's record: what the whole book found on it, for others to compare with, and nothing about whose machine it is."""

import getpass
import re
import socket
import subprocess
import time

from book import NOTEBOOKS, ROOT, execution
from book.notebook import paths

RECORDS = ROOT / "records"
INSTRUMENT = ("cargo", "run", "--quiet", "--locked", "--package", "helpers", "--example", "record", "--")

# What would tell whose machine it is, or where it stands.
PRIVATE = {
    "a folder of somebody's": r"(?:/(?:home|Users|root|tmp|work|mnt|media|srv|opt|data)|[A-Z]:\\+Users)[/\\]+[\w.-]+",
    "a newer address": r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{1,4}(?![\w:])|\b[0-9a-f]{2,4}::[0-9a-f:]+",
    "an address of the internet": r"(?<![\d.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.])",
    "an address of a network card": r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b",
    "a long number of hexadecimal digits": r"\b[0-9a-f]{32,}\b",
    "a unique number": r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b",
    "an account or an address of mail": r"[\w.+-]+@[a-z][\w-]+",
    "a serial number": r"serial (?:number|no\.?)\W+\w+",
}


def private(text):
    """What a record tells that is nobody's business: by its form, and by the names of this machine and its user."""
    found = [f"holds {what}: {told[0]}" for what, form in PRIVATE.items() if (told := re.search(form, text, re.I))]
    for what, name in (("this machine's name", socket.gethostname()), ("the name of its user", user())):
        # A name of a few letters is in every text, and tells as little.
        if len(name) > 4 and re.search(rf"\b{re.escape(name)}\b", text):
            found.append(f"holds {what}: {name}")
    return found


def user():
    """The name of who runs this; nothing where the number has none, as in containers that run under any number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def faults(files=None):
    """What is wrong with the records that come with the book."""
    files = sorted(RECORDS.glob("*.json")) if files is None else files
    found = [
        f"{file.name} {fault}"
        for file in files
        for fault in private(file.read_text(encoding="utf-8", errors="replace"))
    ]
    if files:
        done = subprocess.run(
            [*INSTRUMENT, "check", *files], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
        )
        found += done.stderr.strip().splitlines() if done.returncode else []
    return found


def make(name, label, notebooks=None):
    """Run the book and write this machine's record; what went wrong."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        return [f"“{name}” is no name for a record: use small letters, digits and hyphens, as in my-laptop"]
    if unfit := unlabelled(label):
        return unfit
    began = time.time()
    for path in notebooks or chapters():
        executed = execution.execute(path)
        print(f"{path.name}: {execution.duration(executed):.0f} s", flush=True)
    kept = sorted(file for file in (NOTEBOOKS / "measured").glob("*.json") if file.stat().st_mtime >= began)
    RECORDS.mkdir(exist_ok=True)
    # An older record stays until the new one has proved sound.
    draft = RECORDS / f".{name}.draft"
    done = subprocess.run([*INSTRUMENT, "make", label, draft, *kept], cwd=ROOT)
    if done.returncode:
        return ["no record was made"]
    odd = faults([draft])
    if odd:
        draft.unlink()
    else:
        draft.rename(RECORDS / f"{name}.json")
    return odd


def unlabelled(label):
    """Why a machine cannot be called this, before the minutes that the book takes; nothing if it can."""
    shown = label.encode(errors="replace").decode()
    if shown != label or not label.strip() or not label.isprintable():
        return [f"“{shown}” is no label: say what the machine is, in a line of letters"]
    return [f"“{label}” {fault}: say what the machine is, not whose" for fault in private(label)]


def chapters():
    """The notebooks whose figures a machine's record holds: those of the book, which have numbers, not a reader's own."""
    return [path for path in paths() if path.name[0].isdigit()]
