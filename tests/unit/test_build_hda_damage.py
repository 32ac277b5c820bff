"""Damaged and hostile input: one sentence, nothing written, memory as the file's size allows."""

import io
import os
import random
import sys

import hda_samples as samples
import pytest

import build_hda
from hda_library import contents, folders
from hda_library.disk import DiskFolder

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "hda")
DAMAGED = os.path.join(DATA, "damaged")
LAMP = "demo_8_8Sop_1lamp_8_81.0"

# File in tests/data/hda/damaged -> what is said of it.
SENTENCES = {
    "asset_goes_on": "at offset 410 (0x19a), asset 'demo::Sop/lamp::1.0':"
    " bytes left over at the end: 2",
    "asset_is_cut_short": "at offset 269 (0x10d), asset 'demo::Sop/lamp::1.0':"
    " the section count is 2, but only 14 bytes are left",
    "asset_is_no_container": "at offset 257 (0x101), asset 'demo::Sop/lamp::1.0':"
    " it does not begin with 'INDX'",
    "block_longer_than_file": "at offset 257 (0x101), section 'houdini.hdalibrary':"
    " the block should take 2147483647 bytes, but only 37 are left",
    "empty": "at offset 0 (0x0), the library: it does not begin with 'INDX'",
    "endless_name": "at offset 20 (0x14), the library:"
    " a section's name should take 4294967295 bytes, but only 911 are left",
    "four_billion_sections": "at offset 12 (0xc), the library:"
    " the section count is 4294967295, but only 915 bytes are left",
    "gap_between_blocks": "at offset 257 (0x101), section 'houdini.hdalibrary':"
    " the table puts the block at 240, but the one before ends at 143",
    "index_in_bad_text": "at offset 79 (0x4f), INDEX_SECTION:"
    " the paragraph that ends at line 2 has no 'Label'",
    "index_of_four_billion": "at offset 79 (0x4f), INDEX_SECTION:"
    " the number of records is 16777215, but only 0 bytes are left",
    "index_of_version_six": "at offset 83 (0x53), INDEX_SECTION, record 1:"
    " the version is 6, which is neither 4 nor 5",
    "index_that_goes_on": "at offset 83 (0x53), INDEX_SECTION: bytes left over at the end: 1",
    "index_with_a_flag_of_two": "at offset 255 (0xff), INDEX_SECTION, record 1:"
    " the flag 'empty' is 2, which is neither 0 nor 1",
    "magic_only": "at offset 4 (0x4), the library:"
    " the reserved words should take 8 bytes, but only 0 are left",
    "no_index": "the library has no section 'INDEX_SECTION'",
    "no_library": "at offset 0 (0x0), the library: it does not begin with 'INDX'",
    "overlapping_blocks": "at offset 257 (0x101), section 'houdini.hdalibrary':"
    " the table puts the block at 3, but the one before ends at 143",
    "reserved_words": "at offset 4 (0x4), the library: the two reserved words are not zero",
    "trailing_byte": "at offset 931 (0x3a3), the library: bytes left over at the end: 1",
    "truncated_block": "at offset 283 (0x11b), section 'demo::Sop/lamp::1.0':"
    " the block should take 648 bytes, but only 647 are left",
    "truncated_table": "at offset 12 (0xc), the library:"
    " the section count is 3, but only 24 bytes are left",
}

# Files there that are odd but whole.
WHOLE = ["bomb_of_64_megabytes"]


def read(path):
    with io.open(str(path), "rb") as stream:
        return stream.read()


@pytest.mark.parametrize("command", ["expand", "list"])
@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_a_damaged_library_is_one_sentence_and_leaves_nothing(name, command, tmp_path, capsys):
    path = os.path.join(DAMAGED, name + ".hda")
    places = [path, str(tmp_path / "spelt")] if command == "expand" else [path]
    assert build_hda.main([command] + places) == 1
    assert capsys.readouterr().err == "%s: %s\n" % (path, SENTENCES[name])
    assert os.listdir(str(tmp_path)) == []


def test_every_damaged_file_is_spoken_of():
    assert sorted(os.listdir(DAMAGED)) == sorted(name + ".hda" for name in list(SENTENCES) + WHOLE)


# -- Zip bombs ----------------------------------------------------------------------------------


def test_a_network_that_unzips_without_end_stays_zipped():
    data = read(os.path.join(DAMAGED, "bomb_of_64_megabytes.hda"))
    files = build_hda.expand(data)
    assert files[LAMP + "/Contents.gz"] in data
    assert build_hda.read_library(data).assets[0].contents() == {}


@pytest.mark.skipif(sys.version_info[0] == 2, reason="Python 2 does not count its memory")
def test_a_bomb_takes_no_more_memory_than_its_size_allows():
    import tracemalloc

    data = read(os.path.join(DAMAGED, "bomb_of_64_megabytes.hda"))
    tracemalloc.start()
    try:
        build_hda.expand(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # zlib doubles its buffer as it goes.
    assert peak < 3 * contents.unzipped_limit(len(data))


def test_many_small_bombs_share_one_allowance(monkeypatch):
    unzipped = []
    unzip = contents.unzip

    def counted(data, limit=None):
        unzipped.append(limit)
        return unzip(data, limit)

    bomb = samples.contents([(b"zeros", b"\0" * (9 << 20))])
    data = samples.one_asset(
        [(b"%d" % number, samples.container([(b"Contents.gz", bomb)])) for number in range(9)]
    )
    monkeypatch.setattr(contents, "unzip", counted)
    build_hda.expand(data)
    assert sum(unzipped) <= contents.unzipped_limit(len(data))


# -- Counts that are true, and too many ---------------------------------------------------------


def test_too_many_sections_are_refused_or_left_packed():
    inner = samples.container([(b"", b"")] * 9000)
    files = build_hda.expand(samples.one_asset([(b"a", inner), (b"b", inner)]))
    assert LAMP + "/a/~" in files and files[LAMP + "/b"] == inner
    with pytest.raises(build_hda.LibraryError) as caught:
        build_hda.expand(samples.one_asset([(b"", b"")] * 17000))
    assert str(caught.value) == (
        "at offset 269 (0x10d), asset 'demo::Sop/lamp::1.0':"
        " 17000 sections are more than 16384"
    )


def test_a_large_option_stream_stays_bytes():
    stream = samples.options((b"", 13, samples.integers(*range(140000))))
    files = build_hda.expand(samples.one_asset([(b"ExtraFileOptions", stream)]))
    assert files[LAMP + "/ExtraFileOptions"] == stream


# -- Folders ------------------------------------------------------------------------------------


def lamp_files(**changes):
    files = build_hda.expand(read(os.path.join(DATA, "lamp.hda")))
    return dict(files, **changes)


def refusal(files):
    with pytest.raises(build_hda.LibraryError) as caught:
        build_hda.collapse(folders.MemoryFolder(files))
    return str(caught.value)


@pytest.mark.parametrize(
    "name", [b"../../x", b"/etc/passwd", b"..", b".", b"", b"a/b", b"a\\b", b"C:x", b"a\0b"]
)
def test_a_list_that_names_a_file_elsewhere_is_refused(name):
    rows = b'""\nINDEX__SECTION\tINDEX_SECTION\n"%s"\tHelp\n' % name
    shown = name.decode("ascii").replace("\0", "?")
    assert refusal(lamp_files(**{"Sections.list": rows})) == (
        "'Sections.list': line 3 names '%s', no file of its folder" % shown
    )


@pytest.mark.parametrize("body", [b"../../Sections.list", b"/etc/passwd", b"a/b", b"..\\x"])
def test_an_external_reference_to_a_file_elsewhere_is_refused(body):
    files = build_hda.expand(samples.network_asset())
    path = LAMP + "/Contents.dir/Contents.mime"
    files[path] = files[path].replace(b"\n\n.OPfallbacks\n", b"\n\n" + body + b"\n")
    assert refusal(files) == (
        "'%s/Contents.dir/Contents.mime': member '.OPfallbacks': '%s' is no file of this folder"
        % (LAMP, body.decode("ascii"))
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["file", "folder", "loop", "pipe"])
def test_a_link_or_a_pipe_in_a_folder_is_refused(kind, tmp_path, capsys):
    folder = str(tmp_path / "lamp")
    assert build_hda.main(["expand", os.path.join(DATA, "lamp.hda"), folder]) == 0
    path = os.path.join(folder, LAMP, "Help")
    os.unlink(path)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        os.symlink({"file": "/etc/passwd", "folder": "/etc", "loop": folder}[kind], path)
    assert build_hda.main(["collapse", folder, str(tmp_path / "x.hda")]) == 1
    assert capsys.readouterr().err == (
        "%s: '%s/Help' is a link or a device; a library's folder has none\n" % (folder, LAMP)
    )
    assert os.listdir(str(tmp_path)) == ["lamp"]


@pytest.mark.parametrize(
    "path, content, sentence",
    [
        ("Sections.list", b"", "'Sections.list': line 1 is '', expected \"\""),
        ("Sections.list", b'""\r\nx\ty\r\n',
         "'Sections.list': the lines end in CR LF; restore the folder with LF line ends"),
        ("Sections.list", b'""\nINDEX__SECTION\tINDEX_SECTION',
         "'Sections.list': the last line has no end; is the file cut short?"),
        ("Sections.list", b'""\nINDEX__SECTION\n',
         "'Sections.list': line 2 is not a file, a tab and a section"),
        ("Sections.list", b'""\na\tb\na\tc\n', "'Sections.list': line 3 names 'a' once more"),
        ("Sections.list", b'""\n', "'Sections.list' names no 'INDEX_SECTION'"),
        (LAMP + "/Sections.list", b'""\nGone\tGone\n',
         "there is no '%s/Gone', which its 'Sections.list' names" % LAMP),
        ("INDEX__SECTION", b"Operator:     a\nOperator:     b\n",
         "'INDEX__SECTION': line 2 repeats 'Operator'"),
        ("INDEX__SECTION", b"Colour:       red\n",
         "'INDEX__SECTION': line 1 is 'Colour:       red', which is no line of an index"),
        ("INDEX__SECTION", b"Label: x\n",
         "'INDEX__SECTION': line 1 has its value before column 15"),
        ("INDEX__SECTION", b"User:         me\n",
         "'INDEX__SECTION': line 1 gives 'User' a value, whose place in a library is not known"),
        (LAMP + "/ExtraFileOptions", b"{\n}\n{",
         "'%s/ExtraFileOptions': the JSON cannot be read" % LAMP),
        (LAMP + "/ExtraFileOptions", b'{"a":1}',
         "'%s/ExtraFileOptions': option 'a' is no object of 'type' and 'value'" % LAMP),
        (LAMP + "/ExtraFileOptions", b'{"a":{"type":"bool","value":1}}',
         "'%s/ExtraFileOptions': option 'a' is not a bool, string or intarray with a value to match"
         % LAMP),
        (LAMP + "/ExtraFileOptions", b'{"a":' + b"[" * 200000 + b"]" * 200000 + b"}",
         "'%s/ExtraFileOptions': the JSON cannot be read" % LAMP),
        (LAMP + "/ExtraFileOptions", b'{"a":{"type":"intarray","value":[' + b"9" * 400000 + b"]}}",
         "'%s/ExtraFileOptions': the JSON holds a number of 400000 digits" % LAMP),
        (LAMP + "/ExtraFileOptions", b'{"a":{"type":"string","value":"\\ud800"}}',
         "'%s/ExtraFileOptions': the JSON holds half a surrogate pair" % LAMP),
        (".hda_lossless.json", b"{}",
         "'.hda_lossless.json' is damaged; what Sections.list names can do without it"),
        (".hda_lossless.json", b'{"format":2,"files":{}}',
         "'.hda_lossless.json': its format is not 1"),
        (".hda_lossless.json", b'{"format":1,"files":{"a":{"time":-1}}}',
         "'.hda_lossless.json': -1 is no time"),
        (".hda_lossless.json", b'{"format":1,"files":{"a":{"gzip":"?"}}}', None),
    ],
)  # fmt: skip
def test_a_damaged_folder_is_one_sentence(path, content, sentence):
    files = lamp_files(**{path: content})
    if sentence is None:
        build_hda.collapse(folders.MemoryFolder(files))
    else:
        assert refusal(files).startswith(sentence)


@pytest.mark.parametrize(
    "line, sentence",
    [
        (b"Inputs:       0 to 1", b"Inputs:       1"),
        (b"Inputs:       0 to 1", b"Inputs:       0 to 99999999999"),
        (b"Modified:     Thu Jan  1 00:00:00 2026", b"Modified:     yesterday"),
        (b"Modified:     Thu Jan  1 00:00:00 2026", b"Modified:     Thu Feb 30 00:00:00 2026"),
        (b"Modified:     Thu Jan  1 00:00:00 2026", b"Modified:     Thu Jan  1 00:00:00 1969"),
        (b"Modified:     Thu Jan  1 00:00:00 2026", b"Modified:     Thu Jan  1 00:00:00 0000"),
        (b"Modified:     Thu Jan  1 00:00:00 2026", b"Modified:     Thu Jab  1 00:00:00 2026"),
        (b"Subnet:       false", b"Subnet:       no"),
        (b"Label:        Lamp\n", b""),
    ],
)
def test_an_index_that_makes_no_sense_is_refused(line, sentence):
    files = lamp_files()
    files["INDEX__SECTION"] = files["INDEX__SECTION"].replace(line, sentence)
    assert refusal(files).startswith("'INDEX__SECTION': ")


@pytest.mark.parametrize(
    "change, sentence",
    [
        ((b"MIME-Version: 1.0\n", b""), "it does not begin with its two headers"),
        ((b"--\n", b"\n"), "it does not end with its boundary; is it cut short?"),
        ((b"\n", b"\r\n"),
         "it does not begin with its two headers; its lines end in CR LF, restore it with LF"),
        ((b"text/plain", b"image/gif"),
         "member 'node_type': 'image/gif' in 'no encoding' is not known"),
        ((b'filename="node_type"', b"name=node_type"),
         "part 3 has no headers that are known"),
        ((b"AAEC", b"A*EC"), "member 'hdaroot/glow.bytes': the base64 holds other characters"),
        ((b'"type":"string"', b'"type":"number"'),
         "member 'hdaroot.userdata': option '___Version___' is not a bool, string or"
         " intarray with a value to match"),
    ],
)  # fmt: skip
def test_a_damaged_network_text_is_one_sentence(change, sentence):
    files = build_hda.expand(samples.network_asset())
    path = LAMP + "/Contents.dir/Contents.mime"
    files[path] = files[path].replace(*change)
    assert refusal(files) == "'%s/Contents.dir/Contents.mime': %s" % (LAMP, sentence)


# -- Anything at all ----------------------------------------------------------------------------

EXTREMES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\1\0\0")


def mutated(data, chance):
    """`data` with a flipped bit, a lying number, something cut, doubled or put in."""
    data = bytearray(data)
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(6)
    if kind == 0 and at < len(data):
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at : at + 4] = chance.choice(EXTREMES)
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at : at + chance.randrange(40)]
    elif kind == 4:
        data[at:at] = bytearray(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
    else:
        start = chance.randrange(len(data) + 1)
        data[at:at] = data[start : start + chance.randrange(200)]
    return bytes(data)


def expanded_or_refused(data):
    try:
        return build_hda.expand(data)
    except build_hda.LibraryError as error:
        assert "\n" not in str(error)
        return None


@pytest.mark.parametrize("name", ["lamp", "chandelier"])
def test_a_library_cut_anywhere_is_refused(name):
    data = read(os.path.join(DATA, name + ".hda"))
    for size in range(len(data)):
        assert expanded_or_refused(data[:size]) is None


@pytest.mark.parametrize("name, step", [("lamp", 1), ("chandelier", 5)])
def test_any_flipped_bit_is_kept_or_refused(name, step):
    data = bytearray(read(os.path.join(DATA, name + ".hda")))
    for at in range(0, len(data), step):
        data[at] ^= 1 << at % 8
        files = expanded_or_refused(bytes(data))
        if files is not None:
            assert build_hda.collapse(folders.MemoryFolder(files)) == bytes(data)
        data[at] ^= 1 << at % 8


@pytest.mark.parametrize("seed", range(4))
def test_damage_of_any_kind_is_kept_or_refused(seed):
    chance = random.Random(seed)
    wholes = [read(os.path.join(DATA, name + ".hda")) for name in ("lamp", "chandelier")]
    for _ in range(300):
        data = chance.choice(wholes)
        for _ in range(chance.randrange(1, 4)):
            data = mutated(data, chance)
        files = expanded_or_refused(data)
        if files is not None:
            assert build_hda.collapse(folders.MemoryFolder(files)) == data


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_folder_of_any_kind_is_read_or_refused(seed):
    chance = random.Random(seed)
    whole = build_hda.expand(read(os.path.join(DATA, "chandelier.hda")))
    for _ in range(200):
        files = dict(whole)
        path = chance.choice(sorted(files))
        files[path] = mutated(files[path], chance)
        try:
            build_hda.collapse(folders.MemoryFolder(files))
        except build_hda.LibraryError as error:
            assert "\n" not in str(error)


def test_a_folder_within_folders_without_end_is_refused():
    files = {"Sections.list": b'""\nINDEX__SECTION\tINDEX_SECTION\na\ta\n', "INDEX__SECTION": b""}
    path = ""
    for _ in range(40):
        path += "a/"
        files[path + "Sections.list"] = b'""\na\ta\n'
    assert refusal(files) == "'%s' lies too deep" % ("a/" * folders.DEEPEST)


def test_a_disk_folder_counts_what_was_read(tmp_path):
    folder = DiskFolder(os.path.join(DATA, "lamp"))
    build_hda.collapse(folder)
    assert sorted(folder.used) == folder.paths()
