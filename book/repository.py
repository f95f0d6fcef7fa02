"""Where the book can be had: one setting, `repository` in Cargo.toml. Without it nothing is offered that leads nowhere."""

import tomllib
from functools import cache
from urllib.parse import quote, urlsplit

from book import ROOT

BINDER = {"github.com": "gh", "gitlab.com": "gl"}


@cache
def package():
    return tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]


def address():
    return package().get("repository", "").removesuffix(".git").rstrip("/")


def links(path):
    """Name and address of each way to run or fetch the file; none without a repository."""
    if not address():
        return []
    file = quote(str(path.relative_to(ROOT)))
    host, owner = urlsplit(address()).netloc, urlsplit(address()).path.strip("/")
    found = []
    if host in BINDER and path.suffix == ".ipynb":
        name = owner if host == "github.com" else quote(owner, safe="")
        found.append(("Binder", f"https://mybinder.org/v2/{BINDER[host]}/{name}/HEAD?labpath={quote(file, safe='')}"))
    if path.suffix == ".ipynb":
        found.append(("Lab", f"{address()}#readme"))
        found.append(("notebook", f"{address()}/raw/HEAD/{file}"))
    return [*found, ("source", f"{address()}/blob/HEAD/{file}")]


def site():
    """The published pages' own address, as GitHub gives it."""
    parts = urlsplit(address())
    owner, _, name = parts.path.strip("/").partition("/")
    if parts.netloc != "github.com" or not name:
        return ""
    return f"https://{owner.lower()}.github.io/{name}/"
