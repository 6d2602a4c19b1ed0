"""Stands for the interpreter of an image: started like one, it makes a container, speaks for it, and ends with it.

    python container.py IMAGE ARGUMENT... JSON

A built environment's `bin/python` starts this file by its path: that costs little more than importing Docker's SDK. The
JSON is what `workloads.link.Link` says that a container may have. First of all it says which process computes; from
then on bytes go both ways. However this process ends, the container is removed; however the container ends, this
process ends like it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import resource
import signal
import socket
import struct
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount

from workloads import machine
from workloads.environment import VARIABLES

#: The interpreter inside every image that is built.
PYTHON = "/opt/environment/bin/python"

#: The one place that can be written to, in memory. No path of the machine is likely to lie there.
SCRATCH = "/scratch"

#: Whom a probe of root runs as: nobody that there is.
NOBODY = 10001

#: What marks the containers of probes.
LABEL = "crossover.probe"

#: What keeps a probe from all that it does not need; what that costs, `benchmarks/container_overhead.py` measures.
HARD: Mapping[str, Any] = {
    "network_mode": "none",
    "read_only": True,
    "tmpfs": {SCRATCH: "size=256m,noexec,nosuid,nodev"},
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "ipc_mode": "private",
}

REMOVING_TRIES, REMOVING_PAUSE_SECONDS = 20, 0.1


def main() -> None:
    image, *arguments, said = sys.argv[1:]
    name = f"crossover-probe-{uuid.uuid4().hex[:12]}"
    lifeline, guard = guarded(name)
    try:
        status = attend(image, arguments, json.loads(said), name)
    except DockerException as error:  # the guard removes what there is of it
        sys.exit(f"no container: {getattr(error, 'explanation', None) or error}")
    os.write(lifeline, b".")
    os.waitpid(guard, 0)
    end_with(status)


def attend(image: str, arguments: list[str], allowed: Mapping[str, Any], name: str) -> int:
    """Run a container to its end; the status that it ends with."""
    engine = docker.from_env(timeout=None)
    container = engine.containers.create(image, arguments, name=name, **settings(allowed))
    stream = container.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    wire = stream._sock
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    threading.Thread(target=watch, args=(container, ended), daemon=True).start()
    container.start()
    container.reload()
    pid = container.attrs["State"]["Pid"]
    if pid:  # else it has ended already, and its last words say why
        check_within_reach(pid, str(container.id))
        speak(1, json.dumps({"pid": pid}).encode() + b"\n")
        threading.Thread(target=feed, args=(wire, pid), daemon=True).start()
    for channel, said in frames(wire):
        speak(channel, said)
    return ended.get()


def settings(allowed: Mapping[str, Any]) -> dict[str, Any]:
    """All that a container is made with."""
    user, group = (os.getuid(), os.getgid()) if os.getuid() else (NOBODY, NOBODY)
    for folder in allowed["write"]:
        if not os.getuid():
            os.chown(folder, user, group)
    cores = machine.affinity()
    chosen = {name: value for name, value in os.environ.items() if name.startswith(VARIABLES)}
    return {
        **HARD,
        "entrypoint": [PYTHON],
        "stdin_open": True,
        "init": False,  # the process that is stopped and moved is the interpreter itself
        "auto_remove": True,
        "log_config": LogConfig(type="none"),
        "labels": {LABEL: ""},
        "use_config_proxy": False,
        "user": f"{user}:{group}",
        "environment": {**chosen, "HOME": SCRATCH, "TMPDIR": SCRATCH},
        "cpuset_cpus": ",".join(map(str, cores)),
        "pids_limit": 256 + 32 * len(cores),  # every library starts a few threads per core
        "mem_limit": allowed["memory_bytes"],
        "memswap_limit": allowed["memory_bytes"],
        "mounts": [
            Mount(path, path, type="bind", read_only=kind == "read")
            for kind in ("read", "write")
            for path in dict.fromkeys(allowed[kind])
        ],
    }


def check_within_reach(pid: int, container: str) -> None:
    """DockerException unless this very process can be seen from here, stopped and moved."""
    try:
        seen = container in Path(f"/proc/{pid}/cgroup").read_text()
        os.kill(pid, 0)
    except OSError:
        seen = False
    if not seen:
        raise DockerException(
            "its process is out of reach: the engine must run on this very system, not in a virtual machine, "
            "and not in a user namespace of its own"
        )


def watch(container: Container, ended: queue.SimpleQueue[int]) -> None:
    """Wait until the container has ended and is removed, and say what it ended with."""
    try:
        ended.put(container.wait(condition="removed")["StatusCode"])
    except DockerException:
        ended.put(1)


def feed(wire: socket.socket, pid: int) -> None:
    """Hand on what is asked. Whoever asks no more has ended, and a stopped process would never notice."""
    with contextlib.suppress(OSError):
        while asked := os.read(0, 1 << 16):
            wire.sendall(asked)
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def frames(wire: socket.socket) -> Iterator[tuple[int, bytes]]:
    """What the container says, each piece with its channel: 1 is standard output, 2 standard error."""
    with wire.makefile("rb") as stream:
        while len(header := stream.read(8)) == 8:
            channel, size = struct.unpack(">BxxxL", header)
            yield channel, stream.read(size)


def speak(channel: int, said: bytes) -> None:
    while said:
        said = said[os.write(channel, said) :]


def guarded(name: str) -> tuple[int, int]:
    """Start a process that removes the container should this one be killed; a descriptor that tells it not to, its id.

    In a session of its own, which nobody kills together with this one. It keeps what this one holds of the machine's
    lock, and so nothing is measured beside a container that is still there.
    """
    read, lifeline = os.pipe()
    guard = os.fork()
    if guard:
        os.close(read)
        return lifeline, guard
    os.close(lifeline)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for channel in range(3):
        os.dup2(nothing, channel)
    with contextlib.suppress(BaseException):
        if not os.read(read, 1):
            remove(name)
    os._exit(0)


def remove(name: str) -> None:
    """Remove a container that may be about to be made, or to be removed."""
    engine = docker.from_env()
    for _ in range(REMOVING_TRIES):
        try:
            engine.api.remove_container(name, force=True)
        except NotFound:
            time.sleep(REMOVING_PAUSE_SECONDS)
        except APIError:  # it is being removed already
            return
        else:
            return


def end_with(status: int) -> None:
    """End as the container did: 128 and above is what a shell makes of a signal."""
    if 128 < status < 128 + signal.NSIG:
        number = status - 128
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):  # nobody can choose what SIGKILL does
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    sys.exit(status)


if __name__ == "__main__":
    main()
