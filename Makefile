# Every target first makes what it needs: a Python environment in .venv, the Rust kernel in .kernel.
# The first time takes minutes, most of them for the kernel's compiler; later, only what changed is made again.

.DEFAULT_GOAL := help
.PHONY: help lab html test check bench gallery record image push FORCE
.DELETE_ON_ERROR:

python := .venv/bin/python
PYTHON ?= python3
IMAGE ?= concurrency-measured
notebooks := $(wildcard notebooks/*.ipynb)
# Settings of the reader's own that would change where things are installed, how they are compiled or how text is written. Those
# that say where packages come from (an index, a proxy, a certificate) stay, and those that only say how much is done or told.
fetching := INDEX_URL EXTRA_INDEX_URL FIND_LINKS NO_INDEX TRUSTED_HOST CERT CLIENT_CERT PROXY TIMEOUT DEFAULT_TIMEOUT RETRIES \
  CACHE_DIR NO_CACHE_DIR CONFIG_FILE KEYRING_PROVIDER USE_FEATURE USE_DEPRECATED NO_INPUT DISABLE_PIP_VERSION_CHECK
harmless := $(fetching:%=PIP_%) PYTHON PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONUNBUFFERED
harmless += CARGO_BUILD_JOBS CARGO_BUILD_TARGET_DIR CARGO_TARGET_DIR
foreign := PIP_% PYTHON% RUSTC RUSTC_% RUSTFLAGS RUSTDOCFLAGS CARGO_ENCODED_% CARGO_BUILD_% CARGO_TARGET_% CARGO_PROFILE_%
unexport $(filter-out $(harmless),$(filter $(foreign),$(.VARIABLES)))
export PIP_USER := 0
export PIP_REQUIRE_VIRTUALENV := 0
export PYTHONUTF8 := 1
# What the files of pip may say of where packages go: an option, or else a variable, overrules them. The files that say where
# packages come from are read.
pip := PIP_CONSTRAINT=/dev/null PIP_NO_BINARY=:none: PIP_DRY_RUN=0 $(python) -m pip --python $(python) install --target= --root=/ \
  --prefix="$(CURDIR)/.venv" --quiet --disable-pip-version-check --require-hashes

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
	$(python) -m pytest -n 2 --dist loadgroup --no-loadscope-reorder tests

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
	$(pip) -r requirements.txt
	@touch $@

.venv/tests: tests/requirements.txt .venv/ready
	$(pip) -r tests/requirements.txt
	@touch $@

# What a hub and Binder ask of the image; nobody else needs it.
.venv/served: deploy/requirements.txt .venv/ready
	$(pip) -r deploy/requirements.txt
	@touch $@

.kernel/ready: .venv/ready .kernel/surroundings kernel/__main__.py kernel/launch.py kernel/first-cell kernel/second-cell kernel/store.rs $(crate)
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
