"""Builds the image and shows that it is fit to be handed out, with an engine that works here; pushes what was built."""

import shutil
import subprocess
import sys

ENGINES = ("docker", "podman", "buildah")
SMOKE = ["python", "-m", "deploy.smoke"]


def engine():
    """The first that is installed and answers; Docker's program alone does nothing without its service."""
    for name in ENGINES:
        if shutil.which(name) and not subprocess.run([name, "info"], capture_output=True).returncode:
            return name
    sys.exit(f"image: none of {', '.join(ENGINES)} is installed and running here, and the image needs one of them")


def build(engine, image, options):
    # Health checks are known to Docker's own format only, which the other two write when told to.
    form = [] if engine == "docker" else ["--format", "docker"]
    call(engine, "build", *form, *options, "--tag", image, ".")


def smoke(engine, image):
    if engine == "buildah":
        box = subprocess.check_output([engine, "from", image], encoding="utf-8").strip()
        try:
            call(engine, "run", "--network", "none", box, "--", *SMOKE)
        finally:
            call(engine, "rm", box)
    else:
        call(engine, "run", "--rm", "--network", "none", image, *SMOKE)


def call(*command):
    subprocess.run(command, check=True)


if __name__ == "__main__":
    act, image, *options = sys.argv[1:]
    found = engine()
    try:
        if act == "push":
            call(found, "push", image)
        else:
            build(found, image, options)
            smoke(found, image)
    except subprocess.CalledProcessError as error:
        sys.exit(f"image: {error}")
