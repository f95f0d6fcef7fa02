"""Pages made of notebooks that were never run: what becomes of prose, folds, pictures and links."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book import body, inspection, links, pages

FOLD = """\
<details><summary>Solution</summary>

One part in *seventy*. <img alt="A drawing" src="drawing.svg">

</details>

Afterwards, with ![a drawing](drawing.svg), the [word](words.md#a-long-word) and [elsewhere](https://example.org).
"""
WORDS = """\
# The words, and what they mean

The words that this book uses.

## A *long* word

One of them; see [the notebook](one.ipynb#In-short).
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder in which a notebook, a drawing and the words lie, and the pages made of them."""
    monkeypatch.setattr(body, "ROOT", tmp_path)
    (tmp_path / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    (tmp_path / "words.md").write_text(WORDS, encoding="utf-8")
    cells = [
        new_markdown_cell("# Why?\n\n![A drawing](drawing.svg)\n\nBecause *one* waits.\n\n## In short"),
        new_markdown_cell(FOLD),
        new_code_cell('println!("<img src=\\"drawing.svg\\">");'),
    ]
    pages.publish({tmp_path / "one.ipynb": new_notebook(cells=cells)}, tmp_path / "site", [tmp_path / "words.md"])
    return tmp_path / "site"


def test_a_fold_keeps_its_content(place):
    html = (place / "one.html").read_text(encoding="utf-8")
    [_, content] = inspection.Words.folds(html)
    assert content.split() == ["One", "part", "in", "seventy."]
    assert "<svg" in html.partition("seventy")[2].partition("</details>")[0]


def test_pictures_are_inside_the_page_and_code_is_left_alone(place):
    html = (place / "one.html").read_text(encoding="utf-8")
    assert html.count('<span class="picture wide alone"><svg') == 3 and "data:image/svg+xml;base64" not in html
    assert 'src="drawing.svg"' not in html and html.count("drawing.svg") == 1


def test_the_words_are_a_page_that_every_page_links_to(place):
    words = (place / "words.html").read_text(encoding="utf-8")
    assert '<h2 id="a-long-word">' in words and 'href="one.html#In-short"' in words
    assert "Every number here was measured" not in words
    for file in ("index.html", "one.html", "words.html"):
        assert "The words</a>" in (place / file).read_text(encoding="utf-8")
    one = (place / "one.html").read_text(encoding="utf-8")
    assert 'href="words.html#a-long-word"' in one and 'id="In-short"' in one


def test_the_contents_say_of_each_page_what_its_first_sentences_say(place):
    contents = (place / "index.html").read_text(encoding="utf-8")
    assert "<p>Because <em>one</em> waits.</p>" in contents


def test_links_and_files_that_prose_names_are_there(tmp_path, monkeypatch):
    monkeypatch.setattr(links, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "rules.py").touch()
    (tmp_path / "words.md").write_text(WORDS.replace("one.ipynb", "") + '\n<a id="waker"></a>', encoding="utf-8")

    def faults(prose):
        (tmp_path / "page.md").write_text(prose, encoding="utf-8")
        return links.faults(tmp_path / "page.md")

    assert faults("[a](words.md#a-long-word) [b](words.md#waker) `book/rules.py` `notebooks/measured/NAME.json`") == []
    assert "not there" in faults("[a](gone.md)")[0] and "heading" in faults("[a](words.md#gone)")[0]
    assert "not there" in faults('<img alt="" src="gone.svg">')[0]
    assert "names book/gone.py" in faults("`book/gone.py`")[0]


def test_a_long_section_is_searched_by_each_word_once():
    text = "the kernel waits " * 200 + "and somebody knocks, knocks, knocks."
    told = pages.once(text)
    assert len(told) < 1_600 and told.startswith(text[:1_500])
    assert "somebody" in told and told.count("knocks") == 1
    assert pages.once("a short one") == "a short one"
