# Every target first makes what it needs: a Python environment in .venv, the Rust kernel in .kernel.
# The first time takes minutes, most of them for the kernel's compiler; later, only what changed is made again.

.DEFAULT_GOAL := help
.PHONY: help lab html test check bench gallery record image push FORCE
.DELETE_ON_ERROR:

python := .venv/bin/python
PYTHON ?= python3
IMAGE ?= concurrency-measured
notebooks := $(wildcard notebooks/*.ipynb)
# Settings of the reader's own that would change where things are installed or how text is written. Those that say where
# packages come from (an index, a proxy, a certificate) stay.
export PIP_USER := 0
export PIP_REQUIRE_VIRTUALENV := 0
export PYTHONUTF8 := 1
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_DRY_RUN PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP
unexport RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER

# Scripts don't run in a copy that was unpacked with the line ends of Windows, and what they'd say names no cause.
ifneq ($(shell grep -l "$$(printf '\r')" kernel/needs kernel/bin/cargo 2>/dev/null),)
$(error The files of this copy have the line ends of Windows (CRLF), with which scripts do not run. Clone it with git, which keeps \
those that run everywhere, or unpack it without changing line ends)
endif

crate := Cargo.toml Cargo.lock helpers/Cargo.toml $(shell find helpers/src -name '*.rs')

help:
	@echo 'make lab     read the notebooks in JupyterLab'
	@echo 'make html    execute them into site/, as pages that need nothing'
	@echo 'make check   what can be told without running them, in a minute'
	@echo 'make test    everything'
	@echo 'make gallery  every chart on one page, and plotters as it comes beside ours'
	@echo 'make image   one image of all this, built and tried, where there is an engine for it'
	@echo 'make bench   this kernel and these instruments beside others'
	@echo 'make record NAME=my-laptop LABEL="what I call it"   what the book finds on this machine, into records/'

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

record: .kernel/ready
	@[ -n "$(NAME)" ] && [ -n "$(LABEL)" ] || { \
	  echo 'say what to call it: make record NAME=my-laptop LABEL="laptop, 8 cores, on mains"'; exit 1; }
	$(python) -m book record "$(NAME)" "$(LABEL)"

# BUILD has more options of the engine's own `build`, such as `--network host` where it has no bridge.
image:
	python3 deploy/image.py make $(IMAGE) $(BUILD)

# To where IMAGE says, and what `make image` found fit under that name.
push:
	python3 deploy/image.py push $(IMAGE)

.venv/ready: requirements.txt
	@sh kernel/needs $(PYTHON)
	$(PYTHON) -m venv .venv
	$(python) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/tests: tests/requirements.txt .venv/ready
	$(python) -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

# What a hub and Binder ask of the image; nobody else needs it.
.venv/served: deploy/requirements.txt .venv/ready
	$(python) -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements.txt
	@touch $@

.kernel/ready: .venv/ready .kernel/surroundings kernel/__main__.py kernel/launch.py kernel/first-cell kernel/second-cell $(crate)
	$(python) -m kernel
	@touch $@

# Another compiler, or another place, and what was built no longer fits.
.kernel/surroundings: FORCE
	@sh kernel/needs $(PYTHON)
	@mkdir -p .kernel
	@{ pwd; rustc -vV; } | cmp -s - $@ || { \
	  [ ! -e $@ ] || [ -w $@ ] || { \
    echo "What was made here is for another compiler, or another folder, and this one can't be written to:" \
      "make a copy that is yours." >&2; exit 1; }; \
  [ ! -e $@ ] || echo "another compiler, or another folder, than last time: the kernel is made again"; \
	  { pwd; rustc -vV; } >$@; }
