"""A real Docker engine, and an image with Python in it, for the tests that measure in containers."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker import DockerClient
from docker.errors import DockerException

from flows.environments.docker_builder import BASE, BASE_VARIABLE, has

DRIVERS = ("overlay2", "fuse-overlayfs", "vfs")  # the fastest that works here
STARTING_SECONDS = 20.0


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """The engine that answers, or one that is started for these tests and ends with them; else they are skipped."""
    with contextlib.ExitStack() as stack:
        client = reachable()
        if client is None:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            folder = tempfile.TemporaryDirectory(prefix="crossover-docker-", ignore_cleanup_errors=True)
            address = stack.enter_context(started(Path(stack.enter_context(folder))))
            patch.setenv("DOCKER_HOST", address)
            client = docker.from_env()
        yield client
        client.close()


@pytest.fixture(scope="session")
def base(engine) -> Iterator[str]:
    """A base image: the one that would be taken anyway if the engine has it, else one of Debian's own packages."""
    name = os.environ.get(BASE_VARIABLE) or BASE
    if not has(engine, name):
        name = "crossover-test-base:trixie"
        if not has(engine, name):
            repository, _, tag = name.partition(":")
            path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            engine.api.import_image_from_file(str(debian()), repository=repository, tag=tag, changes=[path])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BASE_VARIABLE, name)
        yield name


def reachable() -> DockerClient | None:
    if listens(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"):
        with contextlib.suppress(DockerException):
            return docker.from_env()
    return None


def listens(address: str) -> bool:
    """Whether anybody does there. Docker's SDK would leave a socket open where nobody does."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        if address.startswith("unix://"):
            connection.connect(address.removeprefix("unix://"))
        return True
    return False


@contextlib.contextmanager
def started(folder: Path) -> Iterator[str]:
    """The address of an engine of our own, without a network: no test needs one inside a container."""
    if os.getuid() != 0 or not shutil.which("dockerd"):
        pytest.skip("no Docker engine answers, and none can be started: that takes root, and Debian's docker.io")
    if is_running("dockerd"):
        pytest.skip("no Docker engine answers here, but one runs: a second one would take its network away")
    address, log = f"unix://{folder}/docker.sock", folder / "log"
    for driver in DRIVERS:
        own = {"data-root": folder / driver, "exec-root": folder / "exec", "pidfile": folder / "pid", "host": address}
        with open(log, "w") as said:
            process = subprocess.Popen(
                # it ends with these tests, however they end
                ["setpriv", "--pdeathsig", "TERM", "dockerd", f"--storage-driver={driver}", *options(own)],
                stdout=said,
                stderr=said,
            )
        try:
            if answers(address, process):
                yield address
                return
        finally:
            process.terminate()
            process.wait()
            # it may leave that mounted
            subprocess.run(["umount", "--lazy", folder / driver], stderr=subprocess.DEVNULL)
    pytest.skip("dockerd does not start here: " + log.read_text()[-300:])


def is_running(name: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if path.read_text().strip() == name:
                return True
    return False


def options(own: dict[str, object]) -> list[str]:
    return [*(f"--{name}={value}" for name, value in own.items()), "--bridge=none", "--iptables=false"]


def answers(address: str, process: subprocess.Popen) -> bool:
    """Whether an engine can be asked, before it ends or too long has passed."""
    end = time.monotonic() + STARTING_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if listens(address):
            with contextlib.suppress(DockerException):
                docker.DockerClient(address).close()
                return True
        time.sleep(0.1)
    return False


def debian() -> Path:
    """Debian's own Python as an archive of files, made once for all runs: half a minute."""
    archive = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crossover-tests" / "trixie.tar"
    if not archive.exists():
        sources = "".join(path.read_text() for path in Path("/etc/apt").glob("sources.list*/*.sources"))
        mirror = re.search(r"^URIs: *(\S+)", sources, re.MULTILINE)
        if mirror is None or not shutil.which("mmdebstrap"):
            pytest.skip(f"the engine has no {BASE}, and none can be made: that takes Debian, and mmdebstrap")
        archive.parent.mkdir(parents=True, exist_ok=True)
        part = archive.with_suffix(f".{os.getpid()}")
        left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")]
        made = subprocess.run(
            [
                *("mmdebstrap", "--quiet", "--format=tar", "--variant=apt", *left_out),
                *("--dpkgopt=force-unsafe-io", "--include=python3,python3-venv", "trixie", str(part), mirror[1]),
            ],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            pytest.skip(f"no base image, Debian's packages cannot be had: {made.stderr[-300:]}")
        os.replace(part, archive)
    return archive
