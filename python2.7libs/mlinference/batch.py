"""Many picture files to one table of answers, alone or as one of several shards."""

from __future__ import division, print_function

import collections
import errno
import os
import sys
import time

import mlinference
from mlinference import _compat, classifier, errors, files, models, own, readings, results, status

# The run is complete, but not all pictures could be read.
INCOMPLETE = 3

# What decides an answer beside picture and checkpoint; the node's parameters of those names.
Settings = collections.namedtuple("Settings", "read ink fit threshold fallback smoothing linear")


def classify(options):
    """Read the pictures and write their rows; return the exit code.

    Args:
        options: What `mlinference.classify` parses.

    Raises:
        errors.InferenceError: If the run cannot go on.
    """
    paths = files.listed(options.pattern, options.frames)
    out = options.out
    if options.shard:
        paths = [path for path in paths if files.in_shard(path, *options.shard)]
        out = out and results.shard_path(out, *options.shard)
    files.pillow()
    reader = Reader(options)
    journal = results.Journal(out) if out else None
    known = _known(out, journal, paths, reader.identity, options.force)
    if journal:
        journal.start()
    rows = _run(paths, reader, known, journal)
    if out:
        results.write(out, rows)
        journal.remove()
    else:
        _print(results.encoded(rows, options.format))
    return _summed_up(rows, out)


class Reader(object):
    """Answers one picture file after the other.

    Attributes:
        identity: Fingerprint of everything but the picture that decides an answer.
        cautions: What there is to say about checkpoint and engine, tuple of errors.Caution.
    """

    def __init__(self, options):
        """Load the checkpoint that the options name.

        Raises:
            errors.InferenceError: If it cannot be used.
        """
        self.model = classifier.shared(
            options.checkpoint, options.engine, options.device, options.network
        )
        self.settings = Settings(
            "one", options.ink, options.fit, options.threshold, options.fallback, "none", options.linear
        )
        self.identity = _identity(self.model.checkpoint, self.settings)
        # About all pictures, and partly told only once: not for the rows.
        self.cautions = self.model.cautions

    def row(self, path, data):
        """Return the results.Row of a file's bytes.

        One picture at a time: in a batch the last digits would depend on its neighbours, and
        with them on how the work is divided.
        """
        page = files.page(data, path, self.settings.linear)
        reading = readings.over_frames([page], 0, self.model, self.settings)
        told = [each for each in reading.cautions if each not in self.cautions]
        found = reading.answers[0]
        return results.row(path, found, told, results.fingerprint(data), self.identity)


def _identity(checkpoint, settings):
    """Fingerprint the checkpoint and the settings."""
    index = models.identity(checkpoint) + own.identity(checkpoint.network.name)
    told = (mlinference.__version__, checkpoint.labels, checkpoint.temperature, checkpoint.aligned)
    told += tuple(settings)
    return results.fingerprint(index, repr(told).encode("utf-8"))


def _known(out, journal, paths, identity, force):
    """Return the rows that are there already, by file.

    Raises:
        errors.ResultsDiffer: If the table holds what this run would lose.
        errors.ResultsForeign: If it is none of ours, whatever `force` says.
    """
    if out is None:
        return {}
    rows = journal.rows()
    written = results.read(out)
    if not force:
        _check_kept(out, written, {_compat.text(path) for path in paths}, {identity})
        rows = written + rows
    return {each.file: each for each in rows if each.model == identity and not each.error}


def _check_kept(out, written, names, identities, kind=errors.ResultsDiffer):
    if any(each.model not in identities for each in written):
        found = "They come from another checkpoint or other settings."
        raise errors.ResultsDiffer(file=out, found=found)
    others = [each.file for each in written if each.file not in names]
    if others:
        found = "%d are of pictures that are not asked for, like '%s'." % (len(others), others[0])
        raise kind(file=out, found=found)


def _run(paths, reader, known, journal):
    """Return a row for every path, the known ones as they are."""
    for caution in reader.cautions:
        print(caution, file=sys.stderr)
    shown = status.Status()
    began, made, rows = time.time(), 0, []
    for number, path in enumerate(paths, 1):
        row, new = _row(path, reader, known)
        rows.append(row)
        made += new
        if new and journal:
            journal.add(row)
        last = number == len(paths)
        if shown.due(last):
            shown.show(_progress(number, len(paths), made, time.time() - began), last)
    return rows


def _row(path, reader, known):
    """Return (row, whether it was made now)."""
    try:
        data = files.read(path)
        row = known.get(_compat.text(path))
        if row is not None and row.picture == results.fingerprint(data):
            return row, False
        return reader.row(path, data), True
    except errors.PictureError as error:
        return results.failure(path, error, reader.identity), True


def _progress(number, count, made, seconds):
    text = "%d/%d pictures  %d %%" % (number, count, 100 * number // count)
    if made and number < count:
        text += "  %.0f s to go" % (seconds / made * (count - number))
    return text


def _print(data):
    # Python 3's text stream has the one for bytes inside.
    stream = getattr(sys.stdout, "buffer", sys.stdout)
    try:
        stream.write(data)
        stream.flush()
    except EnvironmentError as error:
        # A reader that has gone is none of ours: `__main__.run` ends then without a word.
        if error.errno == errno.EPIPE:
            raise
        raise errors.OutputUnwritable(file="standard output", reason=error.strerror or error)


def _summed_up(rows, out):
    """Say what came of it; return the exit code."""
    failed = [each for each in rows if each.error]
    blank = sum(each.answer == -1 and each.confidence == 0 for each in rows)
    text = "%d pictures: %d read, %d of these blank, %d could not be read."
    print(text % (len(rows), len(rows) - len(failed), blank, len(failed)), file=sys.stderr)
    for each in failed[:3]:
        print(_compat.native(each.error), file=sys.stderr)
    if out:
        print("Wrote %s" % out, file=sys.stderr)
    return INCOMPLETE if failed else 0


def merge(options):
    """Make one table of those of all shards; return the exit code.

    Raises:
        errors.BatchError: If a shard or a picture is lacking, or they do not belong together,
            or are of other pictures too, or if the output is no table of ours.
    """
    out = options.out
    shards = [results.shard_path(out, number + 1, options.merge) for number in range(options.merge)]
    gathered = _gathered(out, shards)
    rows = [each for _, held in gathered for each in held]
    if options.pattern:
        names = {_compat.text(path) for path in files.listed(options.pattern, options.frames)}
        _check_complete(out, rows, names)
        if not options.force:
            for path, held in gathered:
                _check_kept(path, held, names, {each.model for each in held}, errors.ShardDiffers)
        rows = [each for each in rows if each.file in names]
    written = results.read(out)
    if not options.force:
        models = {each.model for each in rows}
        _check_kept(out, written, {each.file for each in rows}, models)
    results.write(out, rows)
    return _summed_up(rows, out)


def _gathered(out, shards):
    """Return [(path, its rows), ...] of the shards, which have to be of one checkpoint and settings."""
    gathered, first = [], None
    missing = [path for path in shards if not os.path.isfile(path)]
    if missing:
        found = "There is no %s." % ", ".join("'%s'" % path for path in missing)
        raise errors.ResultsMissing(file=out, found=found)
    # Beside a run that has not come to its end the table is that of one before it.
    begun = [path for path in shards if os.path.exists(results.Journal(path).path)]
    if begun:
        named = ", ".join("'%s'" % path for path in begun)
        raise errors.ResultsMissing(file=out, found="Still being written, or interrupted: %s." % named)
    for path in shards:
        held = results.read(path)
        if held and first is None:
            first = path, held[0].model
        for each in held:
            if each.model != first[1]:
                raise errors.ResultsMixed(file=out, one=first[0], other=path)
        gathered.append((path, held))
    return gathered


def _check_complete(out, rows, names):
    lacking = sorted(names - {each.file for each in rows})
    if lacking:
        found = "%d pictures are lacking, like '%s'." % (len(lacking), lacking[0])
        raise errors.ResultsMissing(file=out, found=found)
