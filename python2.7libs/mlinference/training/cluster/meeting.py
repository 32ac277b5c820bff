"""Whether the processes of a cluster can meet: names, ports, who is there. Sockets only."""

import socket
import time

from mlinference import errors

# Seconds that a process gets to take a connection.
PATIENCE = 2.0
# Seconds between two looks.
PAUSE = 0.25


def check(cluster):
    """Find out at once what no waiting would mend.

    Raises:
        errors.HostUnknown: If a process has an address that leads nowhere.
        errors.AddressTaken: If another process listens where this one should.
    """
    for job in cluster.jobs:
        for address in cluster.jobs[job]:
            try:
                socket.getaddrinfo(*parts(address))
            except (socket.error, UnicodeError) as reason:
                raise errors.HostUnknown(address=address, reason=_text(reason))
    _check_own(cluster.own)


def _check_own(address):
    # TensorFlow itself shares the port with whoever has it, and the two would then answer in turn.
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("", parts(address)[1]))
    except (socket.error, OverflowError) as reason:
        raise errors.AddressTaken(address=address, reason=_text(reason))
    finally:
        probe.close()


def listens(address):
    """Whether a process takes connections at "host:port"."""
    try:
        socket.create_connection(parts(address), PATIENCE).close()
    except (socket.error, UnicodeError):
        return False
    return True


def missing(cluster, tasks):
    """Return those of [(job, task), ...] that do not listen."""
    return [each for each in tasks if not listens(cluster.address(*each))]


def wait(cluster, tasks, seconds, clock=time.time, pause=time.sleep):
    """Wait until all of [(job, task), ...] listen.

    Raises:
        errors.ProcessMissing: If one does not after so many seconds.
    """
    until = clock() + seconds
    while True:
        tasks = missing(cluster, tasks)
        if not tasks:
            return
        if clock() >= until:
            raise absent(cluster, tasks, seconds)
        pause(PAUSE)


def absent(cluster, tasks, seconds):
    """Return the error that says who is missing."""
    return errors.ProcessMissing(names=cluster.names(tasks), seconds="%g" % seconds)


def free_ports(count):
    """Return `count` ports of this machine that nobody listens on."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def parts(address):
    """Return (host, port) of "host:port"."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _text(reason):
    return getattr(reason, "strerror", None) or reason
