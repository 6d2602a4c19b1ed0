"""Build an image with a virtual environment in it: a container per probe, which can do no harm.

The files are those that uv would choose and install for the Python of the base image; they come from uv's cache, so
that building needs no network of the engine's and no settings for a registry inside it. An image is there whole or not
at all. The folder of such an environment holds a `bin/python` that stands for the interpreter in the image.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import shlex
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
from docker import DockerClient
from docker.errors import BuildError, DockerException, ImageNotFound
from docker.types import LogConfig

from flows.environments import container, kept
from flows.environments.interpreters import ASK, Interpreter, MissingInterpreter
from flows.environments.proof import prove
from flows.environments.resolution import Resolution
from flows.environments.spec import EnvironmentSpecError
from flows.environments.uv import run_uv
from workloads.plan import Place

BASE_VARIABLE = "CROSSOVER_DOCKER_BASE"
BASE = "python:3.13-slim"

REPOSITORY = "crossover-environment"

#: What uv calls the platforms of images, by what Python calls them.
PLATFORMS = {"linux-x86_64": "x86_64-unknown-linux-gnu", "linux-aarch64": "aarch64-unknown-linux-gnu"}

# compiled, because whoever runs there cannot write what it compiles; a template that cannot be compiled is no fault
DOCKERFILE = """\
FROM {base}
USER 0
RUN python3 -m venv --without-pip {home}
COPY packages {home}/lib/python{minor}/site-packages
RUN {home}/bin/python -m compileall -q -j 0 {home}/lib || true
"""

Say = Callable[[str], None]


@contextlib.contextmanager
def engine() -> Iterator[DockerClient]:
    """Docker's engine on this machine. EnvironmentSpecError where there is none, or where it refuses something."""
    try:
        client = docker.from_env()
    except DockerException as error:
        raise EnvironmentSpecError(
            f"no Docker engine can be used ({words(error)}): start one, and see that you may use it; DOCKER_HOST says "
            "where it is. Without one, uv builds environments"
        ) from None
    try:
        yield client
    except DockerException as error:
        raise EnvironmentSpecError(f"Docker: {words(error)}") from None
    finally:
        client.close()


def find(version: str | None = None) -> Interpreter:
    """The Python of the base image. MissingInterpreter where it is not of this version."""
    base = os.environ.get(BASE_VARIABLE) or BASE
    with engine() as client:
        try:
            image = client.images.get(base)
        except ImageNotFound:
            raise EnvironmentSpecError(
                f"there is no image {base} here, and none is ever downloaded: `docker pull {base}`, or name another "
                f"one with Python in {BASE_VARIABLE}"
            ) from None
    found = examine(str(image.id))
    if version and not f"{found.version}.".startswith(f"{version}."):
        raise MissingInterpreter(f"{base} has Python {found.version}, not {version}: name another in {BASE_VARIABLE}")
    return found


@functools.cache
def examine(image: str) -> Interpreter:
    """What the interpreter of an image says of itself."""
    with engine() as client:
        try:
            told = client.containers.run(
                image,
                ["-I", "-c", f"import venv\n{ASK}"],
                entrypoint=["python3"],
                remove=True,
                log_config=LogConfig(type="json-file"),  # what it says is read from there
                **container.HARD,
            )
        except DockerException as error:
            raise EnvironmentSpecError(f"the base image has no Python that can be used: {words(error)}") from None
    found = json.loads(told)
    if found["platform"] not in PLATFORMS:
        raise EnvironmentSpecError(f"the base image is for {found['platform']}: known are {', '.join(PLATFORMS)}")
    return Interpreter(**{**found, "platform": PLATFORMS[found["platform"]]}, image=image)


def build(resolution: Resolution, interpreter: Interpreter, root: Path, name: str, say: Say) -> Path:
    """The environment's folder, its image built unless it is there already. Several processes may ask for it at once.

    name: what it is called in messages. EnvironmentSpecError where it cannot be built; nothing half-built is left.
    """
    folder = root / resolution.key(interpreter)
    image = f"{REPOSITORY}:{folder.name}"
    with engine() as client, kept.locked(folder):
        start = time.monotonic()
        try:
            python = stand_in(folder, image)
            built = has(client, image)
            if built and kept.is_built(folder):
                kept.use(folder)
                return folder
            if not built:
                say(f"building image {name}")
                make(client, image, resolution, interpreter, folder / "packages")
            with unless_proven(client, image):
                prove(Place(name, python, resolution.asked, contained=True))
            size = client.images.get(image).attrs["Size"]
            seconds = time.monotonic() - start
            kept.mark_as(
                kept.Kept(folder, name, interpreter.version, resolution.record, seconds, size, used_at=0.0, image=image)
            )
        except (EnvironmentSpecError, DockerException, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            kind = type(error) if isinstance(error, EnvironmentSpecError) else EnvironmentSpecError
            raise kind(f"cannot build {name}: {words(error)}") from None
    return folder


def remove(image: str) -> None:
    """Remove an image that no environment stands for any more. EnvironmentSpecError where the engine refuses."""
    with engine() as client:
        if has(client, image):
            client.images.remove(image)


def has(client: DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def make(client: DockerClient, image: str, resolution: Resolution, interpreter: Interpreter, packages: Path) -> None:
    """Build the image: all of it, or an error and no image of this name."""
    shutil.rmtree(packages, ignore_errors=True)
    run_uv(
        *("pip", "install", "--python", sys.executable, "--target", str(packages), *interpreter.chosen_for),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", "-"),
        read=resolution.requirements,
    )
    minor = ".".join(interpreter.version.split(".")[:2])
    home = Path(container.PYTHON).parent.parent
    dockerfile = DOCKERFILE.format(base=interpreter.image, home=home, minor=minor)
    with tempfile.TemporaryFile(dir=packages.parent) as file:
        pack(file, dockerfile, packages)
        shutil.rmtree(packages)
        client.images.build(
            fileobj=file,
            custom_context=True,
            tag=image,
            labels={"crossover.environment": ",".join(f"{p.name}=={p.version}" for p in resolution.packages)},
            network_mode="none",
            rm=True,
            forcerm=True,
        )


def pack(file: io.BufferedRandom, dockerfile: str, packages: Path) -> None:
    """What the engine builds from, as an archive. Everybody may read what is in it, whatever this user's umask."""

    def readable(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.mode |= 0o555 if member.isdir() or member.mode & 0o100 else 0o444
        return member

    with tarfile.open(fileobj=file, mode="w") as archive:
        content = dockerfile.encode()
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
        archive.add(packages, "packages", filter=readable)
    file.seek(0)


def stand_in(folder: Path, image: str) -> str:
    """Write what is started in the place of the interpreter, anew each time: it names the Python that this runs in."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    command = shlex.join([sys.executable, "-P", container.__file__, image])
    new = python.with_suffix(f".{os.getpid()}")
    new.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    new.chmod(0o755)
    os.replace(new, python)
    return str(python)


@contextlib.contextmanager
def unless_proven(client: DockerClient, image: str) -> Iterator[None]:
    """Remove an image that is not what was asked for."""
    try:
        yield
    except EnvironmentSpecError:
        with contextlib.suppress(DockerException):
            client.images.remove(image)
        raise


def words(error: Exception) -> str:
    """What an error says, on one line; of a build, its last words."""
    said = getattr(error, "explanation", None) or str(error)
    if isinstance(error, BuildError):
        said = " ".join([str(error), *(piece.get("stream", "") for piece in [*error.build_log][-5:])])
    return " ".join(str(said).split())[-400:]
