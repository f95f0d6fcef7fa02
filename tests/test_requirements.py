"""What is installed is what was pinned, down to the file: every package with its hashes, and one version everywhere."""

import re

import pytest
from conftest import ROOT

PINNED = ["requirements.txt", "tests/requirements.txt", "deploy/requirements.txt"]


def packages(file):
    """Name, version and number of hashes of each package of a requirements file."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "-c"))]
    found = {}
    for line in lines:
        match = re.match(r"([\w.-]+)==([^\s;]+)", line)
        assert match, f"{file}: “{line[:60]}” names no exact version"
        found[match[1].lower().replace("_", "-")] = (match[2], line.count("--hash=sha256:"))
    return found


@pytest.mark.parametrize("file", PINNED)
def test_every_package_has_its_hashes(file):
    assert [name for name, (_, hashes) in packages(file).items() if not hashes] == []


@pytest.mark.parametrize("file", PINNED)
def test_direct_needs_are_pinned_as_they_are_asked_for(file):
    pinned = packages(file)
    for name, (version, _) in packages(file.replace(".txt", ".in")).items():
        assert pinned[name][0] == version


def test_files_agree_on_every_version():
    book = packages(PINNED[0])
    for file in PINNED[1:]:
        other = packages(file)
        assert {name: other[name][0] for name in book.keys() & other.keys()} == {
            name: book[name][0] for name in book.keys() & other.keys()
        }


def test_conda_has_the_same_versions():
    conda = dict(re.findall(r"^  - ([\w-]+)=([\d.]+)$", (ROOT / "environment.yml").read_text(encoding="utf-8"), re.M))
    for name, (version, _) in packages("requirements.in").items():
        assert conda[name.replace("jupyter-client", "jupyter_client")] == version
