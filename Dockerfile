# One image for `docker run`, Binder and JupyterHub. What make sets up in a folder is set up here, in its last place, so that
# kernels find what was compiled for them; running it needs neither root nor a network.
ARG RUST=1.95.0

FROM rust:${RUST}-slim-bookworm AS kernel
ARG EVCXR=0.22.0
RUN cargo install --locked --version ${EVCXR} --root /made evcxr_jupyter
# What compiles a cell, and nothing that documents, formats or lints. Of the libraries, those for this machine.
RUN cd "$(rustc --print sysroot)" \
 && cp -a --parents bin/cargo bin/rustc lib/*.so* lib/rustlib/$(rustc --print host-tuple) libexec /made

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev make python3-venv \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY --from=kernel /made /usr/local

# Binder names the user. A hub gives it files of a group besides its own.
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid ${NB_UID} ${NB_USER}
USER ${NB_UID}
ENV HOME=/home/${NB_USER}
RUN mkdir ${HOME}/concurrency-measured
WORKDIR ${HOME}/concurrency-measured

# First what kernels are made of, and then the book: what an edit to it changes is one small layer. No file is copied twice, since
# cargo goes by their times and would take a second copy for a change.
COPY --chown=${NB_UID}:${NB_UID} Makefile Cargo.toml Cargo.lock requirements.txt ./
COPY --chown=${NB_UID}:${NB_UID} deploy/requirements.txt deploy/
COPY --chown=${NB_UID}:${NB_UID} notebooks/evcxr.toml notebooks/
COPY --chown=${NB_UID}:${NB_UID} book book
COPY --chown=${NB_UID}:${NB_UID} helpers helpers
COPY --chown=${NB_UID}:${NB_UID} kernel kernel
# Of a hub, only the single-user server is wanted here, and not the pages of the hub itself.
RUN PIP_NO_CACHE_DIR=1 make .venv/served .kernel/ready && rm -rf .venv/share/jupyterhub ${HOME}/.cargo
# After make: the system's Python makes the environment, and from then on the environment is the Python.
ENV PATH=${HOME}/concurrency-measured/.venv/bin:${PATH}
COPY deploy/jupyter_server_config.json /etc/jupyter/
COPY --chown=${NB_UID}:${NB_UID} *.md LICENSE-* environment.yml ./
COPY --chown=${NB_UID}:${NB_UID} docs docs
COPY --chown=${NB_UID}:${NB_UID} records records
COPY --chown=${NB_UID}:${NB_UID} deploy/*.py deploy/README.md deploy/values.yaml deploy/
COPY --chown=${NB_UID}:${NB_UID} notebooks/*.ipynb notebooks/*.md notebooks/
COPY --chown=${NB_UID}:${NB_UID} notebooks/figures notebooks/figures

LABEL org.opencontainers.image.title="Concurrency, Measured" \
      org.opencontainers.image.description="A book chapter of Rust notebooks that measure the machine they run on" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
EXPOSE 8888
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "deploy/healthy.py"]
CMD ["python", "-m", "book", "lab", "--", "--ip=0.0.0.0", "--no-browser"]
