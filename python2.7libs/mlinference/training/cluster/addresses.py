"""Which processes train together, and which of them this one is: text in, checked.

The words are TensorFlow's: a cluster has jobs, a job has tasks, a task has an address. Job `ps`
holds the variables, `worker` learns, `chief` is a worker that leads; without a chief worker 0
leads.
"""

import collections
import json
import re

from mlinference import errors
from mlinference._compat import native

JOBS = ("ps", "chief", "worker")

# In place of a cluster: so many workers, all on this machine.
LOCAL = re.compile(r"local(?::([0-9]+))?$")
LOCAL_WORKERS = 2
MOST_LOCAL = 64

# A name, an IPv4 address or an IPv6 address in brackets.
HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\]]+)$")

# Not more digits than `int` takes.
PORT = re.compile(r"[0-9]{1,5}\Z")
TASK = re.compile(r"[0-9]{1,9}\Z")


class Cluster(object):
    """The processes of one training.

    Attributes:
        jobs: OrderedDict of job to the addresses of its tasks.
        job, task: Which process this is.
        workers: [(job, task), ...], the chief first.
    """

    def __init__(self, jobs, job, task):
        self.jobs, self.job, self.task = jobs, job, task
        self.workers = self.tasks("chief") + self.tasks("worker")

    def tasks(self, job):
        """Return [(job, task), ...] of a job."""
        return [(job, task) for task in range(len(self.jobs.get(job, ())))]

    def address(self, job, task):
        """Return a process' "host:port"."""
        return self.jobs[job][task]

    @property
    def own(self):
        """The address of this process."""
        return self.address(self.job, self.task)

    @property
    def serves(self):
        """Whether this process holds variables rather than learns."""
        return self.job == "ps"

    @property
    def leads(self):
        """Whether this process is the chief."""
        return (self.job, self.task) == self.workers[0]

    @property
    def number(self):
        """Which worker this process is; the chief is 0."""
        return self.workers.index((self.job, self.task))

    def name(self, job, task):
        """Return what messages call a process."""
        return "%s %d ('%s')" % (job, task, self.address(job, task))

    def names(self, tasks):
        """Return what messages call [(job, task), ...]."""
        return ", ".join(self.name(*each) for each in tasks)

    def text(self):
        """Return what `--cluster` takes for this cluster."""
        return ",".join("%s=%s" % (job, ",".join(self.jobs[job])) for job in self.jobs)


def chosen(options, environ):
    """Return the Cluster that the options mean, else the environment; None trains alone.

    Args:
        options: With `cluster`, `job` and `task`, each None where it is not given.
        environ: Mapping; its TF_CONFIG is as TensorFlow defines it.

    Raises:
        errors.ClusterError: If they say nothing that makes sense.
    """
    if options.cluster:
        return from_text(options.cluster, options.job, options.task)
    if options.job or options.task is not None:
        raise errors.ClusterInvalid(found="'--job' and '--task' are given without it")
    if environ.get("TF_CONFIG"):
        return from_json(environ["TF_CONFIG"])
    return None


def local(text):
    """Return how many workers "local" or "local:N" asks for; None for anything else."""
    match = LOCAL.match(text or "")
    if match is None:
        return None
    count = int(match.group(1) or LOCAL_WORKERS)
    if count < 1:
        raise errors.ClusterInvalid(found="'%s' is no worker at all" % text)
    if count > MOST_LOCAL:
        found = "'%s' is more than the %d workers that one machine starts" % (text, MOST_LOCAL)
        raise errors.ClusterInvalid(found=found)
    return count


def from_text(text, job, task):
    """Return the Cluster of "ps=host:2222,worker=host:2223,host:2224".

    Raises:
        errors.ClusterInvalid: If it is written otherwise.
        errors.TaskUnknown: If `job` and `task` are none of it.
    """
    jobs = collections.OrderedDict()
    current = None
    for part in text.split(","):
        name, equals, address = part.strip().rpartition("=")
        if equals:
            current = name.strip()
            if current in jobs:
                raise errors.ClusterInvalid(found="'%s' is there twice" % current)
            jobs[current] = []
        if current is None:
            raise errors.ClusterInvalid(found="'%s' belongs to no job" % part)
        jobs[current].append(address.strip())
    problem = trouble(jobs)
    if problem:
        raise errors.ClusterInvalid(found=problem)
    return of(jobs, job, 0 if task is None else task)


def from_json(text):
    """Return the Cluster of TF_CONFIG's text; None if it has none, as TensorFlow takes it.

    Raises:
        errors.EnvironmentInvalid: If it is no such JSON.
        errors.TaskUnknown: If its task is none of its cluster.
    """
    try:
        read = json.loads(text)
    except (ValueError, RuntimeError) as reason:
        # RuntimeError: brackets nested deeper than Python's stack.
        raise errors.EnvironmentInvalid(found="It is no JSON: %s" % reason)
    if not isinstance(read, dict):
        raise errors.EnvironmentInvalid(found="It is no mapping")
    cluster, task = read.get("cluster") or {}, read.get("task") or {}
    if not cluster:
        return None
    if not (isinstance(cluster, dict) and isinstance(task, dict)):
        raise errors.EnvironmentInvalid(found="'cluster' or 'task' is no mapping")
    jobs = collections.OrderedDict()
    for job in sorted(cluster):
        if not isinstance(cluster[job], list):
            raise errors.EnvironmentInvalid(found="'%s' is no list of addresses" % native(job))
        jobs[native(job)] = [native(address) for address in cluster[job]]
    problem = trouble(jobs)
    if problem:
        raise errors.EnvironmentInvalid(found=problem)
    job, index = task.get("type"), task.get("index", 0)
    if not TASK.match(native(index)):
        raise errors.EnvironmentInvalid(found="'index' of its task is %s" % json.dumps(index))
    return of(jobs, job and native(job), int(index))


def of(jobs, job, task):
    """Return the Cluster, or raise errors.TaskUnsaid or errors.TaskUnknown."""
    known = ", ".join("%s %d" % (name, n) for name in jobs for n in range(len(jobs[name])))
    if not job:
        raise errors.TaskUnsaid(known=known)
    if job not in jobs or not 0 <= task < len(jobs[job]):
        raise errors.TaskUnknown(job=job, task=task, known=known)
    return Cluster(jobs, job, task)


def trouble(jobs):
    """Return what is wrong with the jobs of a cluster, or None."""
    for job in jobs:
        if job not in JOBS:
            return "'%s' is no job; there are '%s'" % (job, "', '".join(JOBS))
        for address in jobs[job]:
            if not is_address(address):
                return "'%s' is not HOST:PORT" % address
    addresses = sum(jobs.values(), [])
    twice = [each for each in addresses if addresses.count(each) > 1]
    if twice:
        return "'%s' is there twice" % twice[0]
    if len(jobs.get("chief", ())) > 1:
        return "There is more than one chief"
    if not jobs.get("ps"):
        return "There is no 'ps' to hold the variables"
    if not (jobs.get("worker") or jobs.get("chief")):
        return "There is no 'worker' to learn"
    return None


def is_address(text):
    """Whether this is HOST:PORT."""
    host, _, port = text.rpartition(":")
    return bool(HOST.match(host) and PORT.match(port)) and 0 < int(port) < 65536
