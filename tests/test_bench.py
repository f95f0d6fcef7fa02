"""Figures go one way: the instruments' half writes the file, the notebooks' half adds to it."""

import json

from book import latency


def test_the_notebooks_figures_are_added_to_those_of_the_instruments(tmp_path, monkeypatch, capsys):
    file = tmp_path / "target" / "bench.json"
    monkeypatch.setattr(latency, "BENCH", file)
    monkeypatch.setattr(latency, "figures", lambda: {"memory": {"resident": 1}})
    latency.bench()
    assert json.loads(file.read_text(encoding="utf-8")) == {"notebooks": {"memory": {"resident": 1}}}
    file.write_text('{"rows": [], "notebooks": "of yesterday"}', encoding="utf-8")
    latency.bench()
    assert json.loads(file.read_text(encoding="utf-8")) == {"rows": [], "notebooks": {"memory": {"resident": 1}}}
    assert '"resident": 1' in capsys.readouterr().out
