"""A machine's record: made from a run of the book, read again, and nobody named in it."""

import json
import shutil

import pytest
from conftest import ROOT, finish
from nbformat.v4 import new_code_cell

from book import notebook, record


@pytest.mark.parametrize(
    "told",
    [
        "/home/alice/book",
        "/Users/alice",
        "/root/.cargo",
        "10.1.2.3",
        "listening on 192.168.0.17:80",
        "52:54:00:12:34:56",
        "0242ac110002" + "0" * 20,
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "alice@example.org",
        "root@buildhost",
        "52-54-00-12-34-56",
        "fe80::5054:ff:fe12:3456",
        "2001:db8:0:1:2:3:4:5",
        "C:\\Users\\alice",
        "/opt/alice",
        "Serial Number: PF3ABCDE",
    ],
)
def test_what_names_somebody_is_found(told):
    assert record.private(json.dumps({"x": told})), told


def test_what_a_record_needs_names_nobody():
    for told in (
        "Linux 6.18.44-generic #1 SMP PREEMPT_DYNAMIC",
        "/sys/class/dmi/id/product_name: No such file or directory",
        "/proc/interrupts is empty",
        "99999999999999 is 0x5af3107a3fff",
        "0.1.2 and 3.4.5",
    ):
        assert record.private(told) == [], told


def test_the_names_of_this_machine_and_its_user_are_found(monkeypatch):
    monkeypatch.setattr(record.socket, "gethostname", lambda: "alices-laptop")
    monkeypatch.setattr(record.getpass, "getuser", lambda: "aliceb")
    assert record.private("measured on alices-laptop") and record.private("by aliceb")
    monkeypatch.setattr(record.socket, "gethostname", lambda: "vm")
    assert record.private("a vm") == []


def test_a_user_without_a_name_is_no_fault(monkeypatch):
    """A container may run under any number, and older Pythons complain in another way than newer ones."""
    for error in (KeyError("getpwuid(): uid not found: 12345"), OSError("No username set in the environment")):

        def nobody(error=error):
            raise error

        monkeypatch.setattr(record.getpass, "getuser", nobody)
        assert record.private("measured by somebody") == []


def test_records_are_looked_at(tmp_path):
    kept = shutil.copy(ROOT / "helpers" / "tests" / "golden" / "record.json", tmp_path / "good.json")
    assert record.faults([kept]) == []
    (tmp_path / "cut.json").write_text('{"form":1,', encoding="utf-8")
    (tmp_path / "form.json").write_text('{"form":99}', encoding="utf-8")
    found = "\n".join(record.faults(sorted(tmp_path.glob("*.json"))))
    assert "cut.json" in found and "form 99" in found and "good.json" not in found


def test_a_record_is_made_of_a_run(tmp_path, monkeypatch):
    """A small book of one notebook, in the place of the whole one."""
    first = notebook.read(ROOT / "notebooks" / "00-start-here.ipynb")
    code = [cell for cell in first.cells if cell.cell_type == "code"]
    first.cells = [code[0], new_code_cell('let look: Timing = measure("a look", std::time::Instant::now);')]
    first.cells.append(new_code_cell('keep("zz-small")'))
    path, kept = ROOT / "notebooks" / "zz-small.ipynb", ROOT / "notebooks" / "measured" / "zz-small.json"
    monkeypatch.setattr(record, "RECORDS", tmp_path)
    try:
        notebook.write(first, path)
        assert record.make("Not a name", "x") and list(tmp_path.iterdir()) == []
        assert record.make("my-machine", "a machine for tests", [path]) == []
    finally:
        path.unlink(missing_ok=True)
        kept.unlink(missing_ok=True)
    made = json.loads((tmp_path / "my-machine.json").read_text(encoding="utf-8"))
    assert made["label"] == "a machine for tests" and [timing["name"] for timing in made["timings"]] == ["a look"]


def test_make_record_says_what_it_wants():
    with pytest.raises(pytest.fail.Exception, match="NAME=my-laptop"):
        finish("make", "record")


@pytest.mark.parametrize(
    "label", ["", " ", "two\nlines", "caf\udce9", "\x1b[31mred", "the laptop of alexandra", "/home/ada/pc"]
)
def test_a_label_that_does_not_do_is_told_before_the_book_runs(label, monkeypatch):
    monkeypatch.setattr(record, "user", lambda: "alexandra")
    monkeypatch.setattr(record, "chapters", lambda: pytest.fail("the book was run"))
    [fault] = record.make("my-laptop", label)
    assert "say what the machine is" in fault and fault.encode()
