"""Any library, made up at random: what goes out comes back, and the text says what it should."""

import json
import os
import re
import struct

import hda_samples as samples
import pytest

import build_hda
from hda_library import deflate, folders
from hda_library.names import LONGEST

hypothesis = pytest.importorskip("hypothesis", reason="random libraries need hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as some  # noqa: E402

# Few by default, for a quick suite; a long search asks for thousands. Time is no measure of an
# example on a machine that others use.
EXAMPLES = int(os.environ.get("MLINFERENCE_EXAMPLES", 30))
careful = settings(max_examples=EXAMPLES, deadline=None, database=None)

u32 = some.integers(0, 2**32 - 1)
near = some.integers(samples.NEW_YEAR, samples.NEW_YEAR + 3)
times = some.one_of(some.just(samples.NEW_YEAR), near, u32)
text = some.text(max_size=12).map(lambda words: words.encode("utf-8", "replace"))
plain_names = some.from_regex(r"[A-Za-z_/:. \-]{1,12}", fullmatch=True).map(str.encode)
names = some.one_of(plain_names, text, some.binary(max_size=200))
odd_bytes = some.one_of(
    some.binary(max_size=300), text, some.sampled_from([b"INDX", b"{", b"{\n}\n", b"\0\0\0\0"])
)

keys = some.one_of(plain_names, text)
i64s = some.lists(some.integers(-(2**63), 2**63 - 1), max_size=4)
option = some.one_of(
    some.tuples(keys, some.just(1), some.booleans().map(lambda yes: samples.u32(int(yes)))),
    some.tuples(keys, some.just(3), some.one_of(text, some.binary(max_size=9)).map(samples.short)),
    some.tuples(keys, some.just(13), i64s.map(lambda numbers: samples.integers(*numbers))),
)
streams = some.lists(option, max_size=4).map(lambda options: samples.options(*options))

member_names = some.one_of(
    plain_names,
    plain_names.map(lambda name: name + b".userdata"),
    some.sampled_from([b".OPfallbacks", b".OPdummydefs", b"hdaroot.def", b"TRAILER!!!"]),
)
cpio_times = some.integers(0, 8**11 - 1)
members = some.lists(
    some.tuples(member_names, some.one_of(odd_bytes, streams), cpio_times), max_size=6
)
one_time = some.lists(some.tuples(member_names, odd_bytes), max_size=6)
networks = some.one_of(
    some.builds(samples.contents, one_time, some.integers(0, 9)),
    some.builds(samples.contents, members, some.integers(0, 9), cpio_times),
)
archives = some.builds(samples.cpio, members, cpio_times)


def containers(sections):
    return some.lists(sections, max_size=4).map(samples.container)


leaves = some.one_of(
    some.tuples(names, odd_bytes, times),
    some.tuples(some.sampled_from([b"ExtraFileOptions", b"InternalFileOptions"]), streams, times),
    some.tuples(some.just(b"Contents.gz"), some.one_of(networks, odd_bytes), times),
    some.tuples(some.just(b"Contents"), some.one_of(archives, odd_bytes), times),
)
sections = some.recursive(
    leaves, lambda inner: some.tuples(names, containers(inner), times), max_leaves=8
)

operators = some.one_of(plain_names, text)
records = some.builds(
    lambda operator, label, extra, flags, numbers, modified, outputs: samples.record(
        operator, b"Sop", label, flags, extra=extra, min_inputs=numbers[0], max_inputs=numbers[1],
        modified=modified, outputs=outputs,
    ),
    operators.filter(lambda name: b"?" not in name and b"oplib:/" not in name),
    some.one_of(text, some.binary(max_size=9)),
    text,
    some.sampled_from([b"\1\0\0", b"\0\0\1", b"\0\1\1"]),
    some.tuples(u32, u32),
    times,
    some.one_of(some.none(), u32),
)  # fmt: skip
libraries = some.builds(
    samples.library,
    some.lists(some.tuples(records, containers(sections)), max_size=3),
    marker=some.booleans(),
    index_time=times,
)


@careful
@given(libraries)
def test_any_library_comes_back(data):
    files = build_hda.expand(data)
    assert build_hda.collapse(folders.MemoryFolder(files)) == data
    assert build_hda.write_library(build_hda.read_library(data)) == data


@careful
@given(libraries)
def test_any_librarys_files_can_lie_on_any_disk(data):
    paths = build_hda.expand(data)
    assert len({path.lower() for path in paths}) == len(paths)
    for part in {part for path in paths for part in path.split("/")}:
        assert re.match(r"[A-Za-z0-9._\-\[\]() {}~]+$", part) and not part.endswith((".", " "))
        assert len(part) <= LONGEST + len("~16384")
        assert not re.match(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", part)


@careful
@given(libraries)
def test_any_librarys_lists_name_every_file_and_no_other(data):
    files = build_hda.expand(data)
    named = {"Sections.list", ".hda_lossless.json"} & set(files)
    for path in files:
        if path.endswith("Sections.list") and not path.endswith("Contents.dir/Sections.list"):
            folder = path[: -len("Sections.list")]
            for row in files[path].split(b"\n")[1:-1]:
                named.add(folder + row.split(b"\t")[0].strip(b'"').decode("ascii"))
    for path in files:
        parents = [path.rsplit("/", count)[0] for count in range(path.count("/") + 1)]
        # A network's row names the zipped file; the folder has another name.
        parents += [parent[: -len(".dir")] + end for parent in parents for end in ("", ".gz")
                    if parent.endswith("Contents.dir")]  # fmt: skip
        assert named & set(parents), path


@careful
@given(streams)
def test_any_options_in_utf8_are_json(stream):
    files = build_hda.expand(samples.one_asset([(b"ExtraFileOptions", stream)]))
    spelt = files["demo_8_8Sop_1lamp_8_81.0/ExtraFileOptions"]
    try:
        stream.replace(b"\0", b"").decode("utf-8")
        assert isinstance(json.loads(spelt.decode("utf-8")), dict)
    except UnicodeDecodeError:
        assert spelt[:1] in (b"{", b"\0")


@careful
@given(some.lists(some.tuples(plain_names, odd_bytes), max_size=6, unique_by=lambda each: each[0]))
def test_any_network_with_plain_names_is_text_without_a_side_file(network):
    files = build_hda.expand(samples.one_asset([(b"Contents.gz", samples.contents(network))]))
    assert "demo_8_8Sop_1lamp_8_81.0/Contents.dir/Contents.mime" in files
    assert ".hda_lossless.json" not in files


@careful
@given(some.binary(max_size=400))
def test_any_bytes_are_refused_in_a_sentence(data):
    with pytest.raises(build_hda.LibraryError) as caught:
        build_hda.expand(b"INDX" + data)
    assert "\n" not in str(caught.value)


@careful
@given(
    some.dictionaries(
        some.sampled_from(sorted(build_hda.expand(samples.network_asset()))),
        some.binary(max_size=60),
        max_size=3,
    )
)
def test_any_files_are_read_or_refused_in_a_sentence(changes):
    whole = build_hda.expand(samples.network_asset())
    try:
        build_hda.collapse(folders.MemoryFolder(dict(whole, **changes)))
    except build_hda.LibraryError as error:
        assert "\n" not in str(error)


pieces = some.one_of(
    some.binary(max_size=40),
    some.sampled_from([b"hdaroot/", b"0" * 300, b"\n", b"position 0 0\n"]),
    some.integers(0, 400).map(lambda count: b"ab" * count),
)


@careful
@given(some.lists(pieces, max_size=30), some.integers(0, 2))
def test_any_bytes_deflate_as_in_zlib(parts, again):
    import zlib

    from hda_library import contents

    plain = b"".join(parts) * (1 + 9 * again)
    if contents._is_zlib():
        assert deflate.deflate(plain) == contents._locally_deflated(plain)
    assert zlib.decompress(deflate.deflate(plain), -15) == plain
    assert struct.unpack("<I", contents.zipped(plain)[-4:])[0] == len(plain) + 4
