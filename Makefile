# Every target first makes what it needs: a Python environment in .venv, the Rust kernel in .kernel.
# The first time takes minutes, most of them for the kernel's compiler; later, only what changed is made again.

.DEFAULT_GOAL := help
.PHONY: help lab html test check bench gallery image push FORCE
.DELETE_ON_ERROR:

python := .venv/bin/python
IMAGE ?= concurrency-measured
notebooks := $(wildcard notebooks/*.ipynb)
crate := Cargo.toml Cargo.lock helpers/Cargo.toml $(shell find helpers/src -name '*.rs')

help:
	@echo 'make lab     read the notebooks in JupyterLab'
	@echo 'make html    execute them into site/, as pages that need nothing'
	@echo 'make check   what can be told without running them, in a minute'
	@echo 'make test    everything'
	@echo 'make gallery  every chart on one page, and plotters as it comes beside ours'
	@echo 'make image   one image of all this, built and tried, where there is an engine for it'
	@echo 'make bench   this kernel and these instruments beside others'

lab: .kernel/ready
	$(python) -m book lab

html: .kernel/ready
	$(python) -m book html

check: .venv/tests
	$(python) -m book check

test: .kernel/ready .venv/tests
	$(python) -m pytest tests

gallery:
	cargo run --locked --quiet -p helpers --example gallery

bench: .kernel/ready
	cargo bench --locked -p helpers --bench peers
	$(python) -m book latency

image:
	python3 deploy/image.py make $(IMAGE)

# To where IMAGE says, and what `make image` found fit under that name.
push:
	python3 deploy/image.py push $(IMAGE)

.venv/ready: requirements.txt
	python3 -m venv .venv
	$(python) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tests: tests/requirements.txt .venv/ready
	$(python) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

# What a hub and Binder ask of the image; nobody else needs it.
.venv/served: deploy/requirements.txt .venv/ready
	$(python) -m pip install --quiet --disable-pip-version-check -r deploy/requirements.txt
	@touch $@

.kernel/ready: .venv/ready .kernel/surroundings kernel/__main__.py kernel/launch kernel/first-cell $(crate)
	$(python) -m kernel
	@touch $@

# Another compiler, or another place, and what was built no longer fits.
.kernel/surroundings: FORCE
	@mkdir -p .kernel
	@{ pwd; rustc -vV; } | cmp -s - $@ || { pwd; rustc -vV; } >$@
