# -*- coding: utf-8 -*-
"""Every kind of library comes back from its folder byte for byte, and the folder can be read."""

import json
import os
import struct
import zlib

import hda_samples as samples
import pytest

import build_hda
from hda_library import contents, deflate, folders, mime, names
from hda_library.disk import DiskFolder, write_folder

NOTES = ".hda_lossless.json"
LAMP = "demo_8_8Sop_1lamp_8_81.0"
HELP = (b"Help", b"= Lamp =\n")


def round_trip(data, tmp_path):
    """Expand to disk and collapse; returns the files."""
    files = build_hda.expand(data)
    write_folder(str(tmp_path / "spelt"), files)
    assert build_hda.collapse(DiskFolder(str(tmp_path / "spelt"))) == data
    return files


def notes(files):
    return json.loads(files[NOTES].decode("ascii"))["files"]


def spelt_asset(files):
    """The files of the one asset, by name within."""
    inside = [path for path in files if path.startswith(LAMP + "/")]
    return {path[len(LAMP) + 1 :]: files[path] for path in inside}


# -- Whole libraries ----------------------------------------------------------------------------


def test_a_python_asset_needs_no_side_file(tmp_path):
    files = round_trip(samples.one_asset([HELP]), tmp_path)
    assert NOTES not in files


def test_several_assets_keep_their_order(tmp_path):
    records = [samples.record(name) for name in (b"zeta", b"demo::alpha::1.0", b"mid::beta")]
    data = samples.library([(record, samples.python_asset()) for record in records])
    files = round_trip(data, tmp_path)
    assert files["Sections.list"].decode("ascii").splitlines()[3:] == [
        "Sop_1zeta\tSop/zeta",
        "demo_8_8Sop_1alpha_8_81.0\tdemo::Sop/alpha::1.0",
        # Two parts: not of the three-part form that the sample writer knows.
        "Sop_1mid_8_8beta\tSop/mid::beta",
    ]


def test_a_library_without_the_marker(tmp_path):
    data = samples.library([(samples.record(), samples.python_asset())], marker=False)
    assert "houdini.hdalibrary" not in round_trip(data, tmp_path)


def test_a_marker_that_is_not_empty(tmp_path):
    data = samples.container([
        (b"INDEX_SECTION", samples.index()), (b"houdini.hdalibrary", b"\0?"),
    ])  # fmt: skip
    assert round_trip(data, tmp_path)["houdini.hdalibrary"] == b"\0?"


def test_a_library_without_assets(tmp_path):
    files = round_trip(samples.library([]), tmp_path)
    assert files["INDEX__SECTION"] == b""


def test_an_index_in_text_stays_text(tmp_path):
    plain = samples.one_asset([HELP])
    text = build_hda.expand(plain)["INDEX__SECTION"]
    data = samples.library([(samples.record(), samples.container([HELP]))], index_data=text)
    files = round_trip(data, tmp_path)
    assert files["INDEX__SECTION"] == text
    assert notes(files) == {"INDEX__SECTION": {"raw": True}}
    assert build_hda.read_library(data).assets[0].label == "Lamp"


@pytest.mark.parametrize("outputs", [0, 2, 4])
def test_another_number_of_outputs_than_one_is_a_line(outputs, tmp_path):
    files = round_trip(samples.one_asset([HELP], outputs=outputs), tmp_path)
    assert b"Outputs:      %d\n" % outputs in files["INDEX__SECTION"]


def test_version_five_with_one_output_stays_as_it_is(tmp_path):
    files = round_trip(samples.one_asset([HELP], outputs=1), tmp_path)
    assert files["INDEX__SECTION"].startswith(b"\0\0\0\1\0\0\0\5")


def test_a_trailing_blank_in_the_extra_text_is_kept(tmp_path):
    files = round_trip(samples.one_asset([HELP], extra=b"inputcolors='0 ' guide=NODE "), tmp_path)
    assert b"Extra:        inputcolors='0 ' guide=NODE \n" in files["INDEX__SECTION"]


@pytest.mark.parametrize("flags", [b"\1\0\0", b"\0\1\0", b"\0\0\1", b"\0\1\1", b"\0\0\0"])
def test_every_flag_is_a_line(flags, tmp_path):
    files = round_trip(samples.one_asset([HELP], flags=flags), tmp_path)
    words = dict(line.split(b":", 1) for line in files["INDEX__SECTION"].splitlines() if line)
    found = [words[key].strip() for key in (b"Subnet", b"Empty", b"Python")]
    assert found == [b"true" if flag == b"\1"[0] else b"false" for flag in flags]


def test_a_label_of_two_lines_keeps_the_index_as_it_is(tmp_path):
    files = round_trip(samples.one_asset([HELP], label=b"two\nlines"), tmp_path)
    assert files["INDEX__SECTION"].startswith(b"\0\0\0\1\0\0\0\4")


def test_a_text_whose_key_is_not_known_keeps_the_index_as_it_is(tmp_path):
    files = round_trip(samples.one_asset([HELP], user=b"me"), tmp_path)
    assert files["INDEX__SECTION"].startswith(b"\0\0\0\1\0\0\0\4")


@pytest.mark.parametrize("label", [u"ランプ".encode("utf-8"), b"caf\xe9", b"", b" a ", b'"'])
def test_any_label_of_one_line_is_kept(label, tmp_path):
    files = round_trip(samples.one_asset([HELP], label=label), tmp_path)
    assert b"Label:        " + label + b"\n" in files["INDEX__SECTION"]


@pytest.mark.parametrize("modified", [0, 1, samples.NEW_YEAR, 2**31, 2**32 - 1])
def test_any_time_is_a_date_in_utc(modified, tmp_path):
    round_trip(samples.one_asset([HELP], modified=modified), tmp_path)


def test_mixed_times_are_noted_and_only_where_they_differ(tmp_path):
    asset = samples.container([HELP + (5,), (b"PythonCook", b"", samples.NEW_YEAR)])
    data = samples.library([(samples.record(), asset)], index_time=samples.NEW_YEAR + 9)
    assert notes(round_trip(data, tmp_path)) == {
        "INDEX__SECTION": {"time": samples.NEW_YEAR + 9},
        "houdini.hdalibrary": {"time": samples.NEW_YEAR + 9},
        LAMP + "/Help": {"time": 5},
    }


def test_records_without_sections_and_sections_without_records(tmp_path):
    data = samples.container([
        (b"INDEX_SECTION", samples.index(samples.record(), samples.record())),
        (b"extra", b"\0bytes"),
        (b"spare", samples.python_asset()),
    ])  # fmt: skip
    files = round_trip(data, tmp_path)
    assert files["extra"] == b"\0bytes"
    assert files["spare/PythonCook"] == b"node = hou.pwd()\n"


def test_two_indexes(tmp_path):
    index = samples.index(samples.record())
    data = samples.container([(b"INDEX_SECTION", index), (b"INDEX_SECTION", index + b"?")])
    files = round_trip(data, tmp_path)
    assert files["INDEX__SECTION~2"] == index + b"?"


# -- Sections -----------------------------------------------------------------------------------


def test_options_are_json_in_houdinis_layout(tmp_path):
    stream = samples.options(
        (b"b", 1, samples.u32(1)),
        (b"a/\"quoted\"", 3, samples.short(u"\t\\é".encode("utf-8"))),
        (b"c", 13, samples.integers(1, -(2**63))),
        (b"c", 13, samples.integers()),
    )
    files = round_trip(samples.one_asset([(b"ExtraFileOptions", stream)]), tmp_path)
    assert spelt_asset(files)["ExtraFileOptions"].decode("utf-8") == (
        u'{\n\t"b":{\n\t\t"type":"bool",\n\t\t"value":true\n\t},\n'
        u'\t"a/\\"quoted\\"":{\n\t\t"type":"string",\n\t\t"value":"\\t\\\\é"\n\t},\n'
        u'\t"c":{\n\t\t"type":"intarray",\n\t\t"value":[1,-9223372036854775808]\n\t},\n'
        u'\t"c":{\n\t\t"type":"intarray",\n\t\t"value":[]\n\t}\n}\n'
    )


@pytest.mark.parametrize(
    "stream",
    [
        samples.options((b"a", 7, samples.u32(1))),
        samples.options((b"a", 1, samples.u32(2))),
        samples.options((b"\xff", 1, samples.u32(1))),
        samples.options((b"a", 3, samples.short(b"\xed\xa0\x80"))),
        samples.EMPTY_OPTIONS + b"?",
        b"",
        b"\0",
    ],
    ids=["unknown tag", "bool of 2", "no text", "half a pair", "goes on", "empty", "cut short"],
)
def test_options_that_json_cannot_say_stay_bytes(stream, tmp_path):
    files = round_trip(samples.one_asset([(b"InternalFileOptions", stream)]), tmp_path)
    assert spelt_asset(files)["InternalFileOptions"] == stream
    assert NOTES not in files


def test_options_packed_as_json_are_noted_as_raw(tmp_path):
    for stream in (b"{\n}\n", b"{ no json"):
        files = round_trip(samples.one_asset([(b"ExtraFileOptions", stream)]), tmp_path)
        assert notes(files) == {LAMP + "/ExtraFileOptions": {"raw": True}}


def test_a_preset_is_a_folder(tmp_path):
    preset = samples.container([(b"warm light", b"set 1\n")])
    files = round_trip(samples.one_asset([(b"presets.idx", preset)]), tmp_path)
    assert spelt_asset(files) == {
        "Sections.list": b'""\npresets.idx\tpresets.idx\n',
        "presets.idx/Sections.list": b'""\n"warm light"\t"warm light"\n',
        "presets.idx/warm light": b"set 1\n",
    }


def test_a_library_within_an_asset_is_spelt_like_any(tmp_path):
    inner = samples.one_asset([HELP, (b"Contents", samples.cpio(samples.NETWORK))])
    files = round_trip(samples.one_asset([(b"embedded.hda", inner)]), tmp_path)
    inside = LAMP + "/embedded.hda/"
    assert files[inside + "INDEX__SECTION"].startswith(b"Operator:     demo::lamp::1.0\n")
    assert files[inside + LAMP + "/Contents.dir/.OPfallbacks"] == samples.NETWORK[0][1]


def test_libraries_within_libraries_stay_packed_beyond_a_depth(tmp_path):
    data = b"the innermost"
    for _ in range(30):
        data = samples.container([(b"deeper", data)])
    files = round_trip(samples.one_asset([(b"deep", data)]), tmp_path)
    deepest = max(files, key=lambda path: path.count("/"))
    assert deepest.count("/") == folders.DEEPEST - 1
    assert any(b"INDX" in data for data in files.values())


@pytest.mark.parametrize("damage", [b"INDX", b"INDX" + b"\0" * 12 + b"?", b"INDXed books"])
def test_a_section_that_only_begins_like_a_container_stays_bytes(damage, tmp_path):
    files = round_trip(samples.one_asset([(b"notes", damage)]), tmp_path)
    assert spelt_asset(files)["notes"] == damage


def test_an_empty_container_is_a_folder_with_an_empty_list(tmp_path):
    files = round_trip(samples.one_asset([(b"none", samples.container([]))]), tmp_path)
    assert spelt_asset(files)["none/Sections.list"] == b'""\n'


# -- Networks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"Contents.gz", b"Contents"])
def test_a_network_is_one_text(name, tmp_path):
    pack = samples.contents if name == b"Contents.gz" else samples.cpio
    files = spelt_asset(round_trip(samples.one_asset([(name, pack(samples.NETWORK))]), tmp_path))
    assert sorted(files) == [
        "Contents.dir/.OPdummydefs", "Contents.dir/.OPfallbacks", "Contents.dir/Contents.mime",
        "Contents.dir/Sections.list", "Sections.list",
    ]  # fmt: skip
    assert files["Sections.list"] == b'""\n' + name + b"\t" + name + b"\n"
    assert files["Contents.dir/Sections.list"] == b'""\nContents.mime\tContents.mime\n'
    text = files["Contents.dir/Contents.mime"].decode("ascii")
    boundary = "HOUDINIMIMEBOUNDARY0xD3ADD339-0x00000F49-0x56B122C9-0x00000001HOUDINIMIMEBOUNDARY"
    assert text.startswith(
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="%s"\n\n--%s\n'
        'Content-Disposition: attachment; filename=".OPfallbacks"\n'
        "Content-Type: application/external-reference\n\n.OPfallbacks\n\n--%s\n" % ((boundary,) * 3)
    )
    assert (
        'filename="hdaroot.userdata"\nContent-Type: text/plain\n\n{\n\t"___Version___":{\n'
        '\t\t"type":"string",\n\t\t"value":"21.0.512"\n\t}\n}\n\n--'
    ) in text
    part = text.partition('filename="hdaroot/glow.bytes"\n')[2].partition("\n--")[0].split("\n")
    assert part[:3] == [
        "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "",
    ]  # fmt: skip
    # 128 bytes a line, each encoded on its own.
    assert [len(line) for line in part[3:]] == [172, 172, 172, 172, 0]
    assert text.endswith("\n1\n\n--%s--\n" % boundary)


@pytest.mark.parametrize("level", [1, 9, 0])
def test_contents_zipped_by_another_library_are_kept(level, tmp_path):
    network = samples.NETWORK + [(b"hdaroot/%d.parm" % n, b"%d\n" % n) for n in range(99)]
    zipped = samples.contents(network, level)
    assert zipped != samples.contents(network)
    files = round_trip(samples.one_asset([(b"Contents.gz", zipped)]), tmp_path)
    assert list(notes(files)) == [LAMP + "/Contents.gz"]
    assert list(notes(files)[LAMP + "/Contents.gz"]) == ["gzip"]
    assert LAMP + "/Contents.dir/Contents.mime" in files


def test_an_edited_text_wins_over_kept_contents(tmp_path):
    zipped = samples.contents(samples.NETWORK, 1)
    files = round_trip(samples.one_asset([(b"Contents.gz", zipped)]), tmp_path)
    path = LAMP + "/Contents.dir/Contents.mime"
    files[path] = files[path].replace(b"type = glow", b"type = glew")
    library = build_hda.read_library(build_hda.collapse(folders.MemoryFolder(files)))
    assert library.assets[0].contents()["hdaroot/glow.init"] == b"type = glew\nmatchesdef = 0\n"


def test_several_times_in_one_archive_are_noted(tmp_path):
    network = [(b"a", b"1\n", 8), (b"b", b"2\n", 7), (b"c", b"3\n", 7)]
    for name, pack in ((b"Contents.gz", samples.contents), (b"Contents", samples.cpio)):
        data = samples.one_asset([(name, pack(network, end_time=7))])
        note = notes(round_trip(data, tmp_path))[LAMP + "/" + name.decode("ascii")]
        assert note == {"cpio_times": {"": 7, "a": 8}}


def licensed(network, mark):
    """Contents as a limited licence has them: another header in place of each of cpio's."""
    archive = b"".join(
        mark + b"\x1a1" + b"0123456789abcdef0123456789a" + name + b"\0" + data
        for name, data in network
    )
    plain = struct.pack("<I", len(archive)) + archive
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflater.compress(plain) + deflater.flush()
    checks = struct.pack("<II", zlib.crc32(plain) & 0xFFFFFFFF, len(plain))
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + checks


@pytest.mark.parametrize("mark", [b"HouLC", b"HouNC"])
def test_contents_of_a_limited_licence_stay_as_they_are(mark, tmp_path):
    section = licensed(samples.NETWORK, mark)
    data = samples.one_asset([(b"Contents.gz", section)], flags=b"\1\0\0")
    assert spelt_asset(round_trip(data, tmp_path))["Contents.gz"] == section
    assert build_hda.read_library(data).assets[0].contents() == {}


TWO_TRAILERS = samples.cpio([(b"a", b"")]) + samples.member(b"TRAILER!!!", b"")
ODD_ARCHIVES = {
    "empty": b"",
    "no archive": b"print",
    "more follows": samples.cpio([(b"a", b"1")]) + b"\0",
    "two ends": TWO_TRAILERS,
    "no end": samples.member(b"a", b"1"),
    "other owner": samples.cpio([(b"a", b"1")]).replace(b"000666000000", b"000666000001"),
    "a quote in a name": samples.cpio([(b'a"b', b"1")]),
    "no text in a name": samples.cpio([(b"a\xff", b"1")]),
    "an external file twice": samples.cpio([(b".OPfallbacks", b"1"), (b".OPfallbacks", b"2")]),
    "digits beyond seven": samples.cpio([(b"a", b"1")]).replace(b"000002", b"00000x"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ODD_ARCHIVES))
def test_an_archive_of_another_form_stays_as_it_is(name, tmp_path):
    archive = ODD_ARCHIVES[name]
    files = round_trip(samples.one_asset([(b"Contents", archive)]), tmp_path)
    assert spelt_asset(files)["Contents"] == archive
    assert NOTES not in files


ODD_MEMBERS = {
    "nothing": b"",
    "no line end": b"text",
    "only line ends": b"\n\n\n",
    "CR LF": b"one\r\ntwo\r\n",
    "the boundary": b"--" + mime.BOUNDARY + b"\n",
    "NUL": b"a\0b",
    "escape": b"\x1b[0m",
    "no UTF-8": b"caf\xe9\n",
    "UTF-8": u"カフェ\n".encode("utf-8"),
    "half a pair": b"\xed\xa0\x80",
    "headers": b"\nContent-Disposition: attachment; filename=\"x\"\nContent-Type: text/plain\n\n",
}  # fmt: skip


@pytest.mark.parametrize("ending", [b".parm", b".userdata", b""])
@pytest.mark.parametrize("name", sorted(ODD_MEMBERS))
def test_any_member_comes_back_from_the_text(name, ending, tmp_path):
    network = [(b"hdaroot/odd" + ending, ODD_MEMBERS[name]), (b"hdaroot.net", b"1\n")]
    data = samples.one_asset([(b"Contents.gz", samples.contents(network))])
    files = round_trip(data, tmp_path)
    assert LAMP + "/Contents.dir/Contents.mime" in files
    assert NOTES not in files


def test_both_kinds_of_contents_in_one_asset(tmp_path):
    sections = [
        (b"Contents", samples.cpio(samples.NETWORK)),
        (b"Contents.gz", samples.contents(samples.NETWORK)),
        (b"Contents.gz", b"again"),
        (b"Contents.dir", b"a section of that name"),
    ]
    for order in (sections, sections[::-1]):
        files = spelt_asset(round_trip(samples.one_asset(order), tmp_path))
        assert "Contents.dir/Contents.mime" in files


# -- Names --------------------------------------------------------------------------------------

ODD_NAMES = {
    b"": "~",
    b".": "~2e",
    b"..": ".~2e",
    b"../../x": ".._1.._1x",
    b"/etc/passwd": "_1etc_1passwd",
    b"C:\\x": "C_8~5cx",
    b"con": "~con",
    b"LPT1.txt": "~LPT1.txt",
    b"trailing.": "trailing~2e",
    b"trailing ": "trailing~20",
    b"a_b/c:d e(f)[g]-1.0": "a__b_1c_8d e(f)[g]-1.0",
    u"灯".encode("utf-8"): "~e7~81~af",
    b"\xff\xfe": "~ff~fe",
    b"tab\there": "tab~09here",
    b"line\nend": "line~0aend",
    b'"quoted"': "~22quoted~22",
    b"Sections.list": "Sections.list~2",
    b".hda_lossless.json": ".hda__lossless.json",
    b"contents.DIR": "contents.DIR~2",
    b"~tilde": "~7etilde",
    b"nul\0byte": "nul~00byte",
}


@pytest.mark.parametrize("name", sorted(ODD_NAMES))
def test_a_name_that_no_file_can_have_gets_one_that_every_system_keeps(name, tmp_path):
    files = round_trip(samples.one_asset([(name, b"data"), HELP]), tmp_path)
    assert spelt_asset(files)[ODD_NAMES[name]] == b"data"


def test_all_odd_names_fit_in_one_folder(tmp_path):
    round_trip(samples.one_asset([(name, name) for name in sorted(ODD_NAMES)] * 2), tmp_path)


def test_names_that_differ_in_case_or_not_at_all_get_numbers(tmp_path):
    names_in_order = (b"Help", b"HELP", b"help", b"Help", b"Help~2")
    sections = [(name, b"%d" % number) for number, name in enumerate(names_in_order, 1)]
    files = spelt_asset(round_trip(samples.one_asset(sections), tmp_path))
    del files["Sections.list"]
    assert sorted(files.items()) == [
        ("HELP~2", b"2"), ("Help", b"1"), ("Help~4", b"4"), ("Help~7e2", b"5"), ("help~3", b"3"),
    ]  # fmt: skip
    assert len({name.lower() for name in files}) == len(files)


def test_a_long_name_is_cut_and_stays_apart_from_its_neighbours(tmp_path):
    sections = [(b"x" * 5000 + last, last) for last in (b"1", b"2")]
    files = round_trip(samples.one_asset(sections), tmp_path)
    assert max(len(name) for name in spelt_asset(files)) == names.LONGEST


def test_a_name_of_an_asset_may_be_odd_too(tmp_path):
    files = round_trip(samples.one_asset([HELP], operator=b"d\xc3\xa9mo::..\n::1.0"), tmp_path)
    assert sorted(files) == [
        ".hda_lossless.json", "INDEX__SECTION", "Sections.list",
        "d~c3~a9mo_8_8Sop_1..~0a_8_81.0/Help", "d~c3~a9mo_8_8Sop_1..~0a_8_81.0/Sections.list",
        "houdini.hdalibrary",
    ]  # fmt: skip


def test_blanks_are_quoted_on_both_sides_of_the_list(tmp_path):
    files = spelt_asset(round_trip(samples.one_asset([(b"two words.txt", b"")]), tmp_path))
    assert files["Sections.list"] == b'""\n"two words.txt"\t"two words.txt"\n'


# -- Folders that Houdini wrote -----------------------------------------------------------------


def houdini_folder():
    """A folder as Houdini's own `hotl -t` leaves it, in miniature."""
    boundary = "B0undary"
    head = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="%s"\n' % boundary
    part = '\n--%s\nContent-Disposition: attachment; filename="%s"\nContent-Type: %s\n\n%s'
    stat = "{\n  create %d\n  modify %d\n  author a@b\n  access 0777\n}\n"
    version = '{\n\t"___Version___":{\n\t\t"type":"string",\n\t\t"value":"___EXTERNAL___"\n\t}\n}\n'
    reference = "application/external-reference"
    text = head + "".join(
        part % ((boundary,) + each)
        for each in (
            (".OPfallbacks", reference, ".OPfallbacks\n"),
            (".OPdummydefs", reference, ".OPdummydefs\n"),
            ("node_type", "text/plain", "Sop\n"),
            ("hdaroot.def", "text/plain", "comment \"\"\nstat\n" + stat % (-1, -1) + "end\n"),
            ("hdaroot/box.netboxinit", "text/plain", "2\n2\n{\n}\n" + stat % (-1, -1)),
            ("hdaroot/old.def", "text/plain", "stat\n" + stat % (5, -1)),
            ("hdaroot/lost.def", "text/plain", "stat\n" + stat % (-1, -1)),
            ("hdaroot/old.userdata", "text/plain", version),
            ("hdaroot/lost.userdata", "text/plain", version),
        )
    )
    text += "\n--%s--\n" % boundary
    inside = LAMP + "/Contents.dir/"
    files = build_hda.expand(samples.one_asset([(b"Contents.gz", samples.contents([])), HELP]))
    files[inside + "Contents.mime"] = text.encode("ascii")
    files[inside + ".OPfallbacks"] = b"Sop/glow glow.hda\n"
    files[inside + "Contents.createtimes"] = (
        b'{\n\t"hdaroot/box.netboxinit":11,\n\t"hdaroot.def":12,\n\t"hdaroot/old.def":13\n}\n'
    )
    files[inside + "Contents.modtimes"] = (
        b'{\n\t"hdaroot/box.netboxinit":21,\n\t"hdaroot.def":22,\n\t"hdaroot/old.def":23\n}\n'
    )
    files[inside + "Contents.houdini_versions"] = (
        b'{\n\t"values":["20.5.1","21.0.2"\n\t],\n'
        b'\t"indexes":{\n\t\t"hdaroot/old.userdata":1\n\t}\n}\n'
    )
    return files


def test_a_folder_that_houdini_wrote_collapses_with_its_side_files_put_back():
    data = build_hda.collapse(folders.MemoryFolder(houdini_folder()))
    stat = b"{\n  create %d\n  modify %d\n  author a@b\n  access 0777\n}\n"

    def version(text):
        return samples.options((b"___Version___", 3, samples.short(text)))

    # .OPdummydefs is not there (git ignores it): the member is left out.
    expected = [
        (b".OPfallbacks", b"Sop/glow glow.hda\n"),
        (b"node_type", b"Sop\n"),
        (b"hdaroot.def", b"comment \"\"\nstat\n" + stat % (12, 22) + b"end\n"),
        (b"hdaroot/box.netboxinit", b"2\n2\n{\n}\n" + stat % (11, 21)),
        (b"hdaroot/old.def", b"stat\n" + stat % (5, 23)),
        (b"hdaroot/lost.def", b"stat\n" + stat % (-1, -1)),
        (b"hdaroot/old.userdata", version(b"21.0.2")),
        (b"hdaroot/lost.userdata", version(b"___EXTERNAL___")),
    ]
    assert data == samples.one_asset([(b"Contents.gz", samples.contents(expected)), HELP])


def test_a_folder_of_raw_sections_collapses_too():
    """As Houdini's `hotl -x` leaves them: index, options and network in binary."""
    record, stream = samples.record(), samples.VERSION
    network = samples.contents(samples.NETWORK)
    files = {
        "Sections.list": b'""\nINDEX__SECTION\tINDEX_SECTION\n%s\tdemo::Sop/lamp::1.0\n'
        % LAMP.encode("ascii"),
        "INDEX__SECTION": samples.index(record),
        LAMP + "/Sections.list": b'""\nExtraFileOptions\tExtraFileOptions\n'
        b"Contents.gz\tContents.gz\n",
        LAMP + "/ExtraFileOptions": stream,
        LAMP + "/Contents.gz": network,
    }
    asset = samples.container([(b"ExtraFileOptions", stream), (b"Contents.gz", network)])
    expected = samples.library([(record, asset)], marker=False)
    assert build_hda.collapse(folders.MemoryFolder(files)) == expected


@pytest.mark.parametrize("name", ["createtimes", "modtimes", "houdini_versions"])
@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"hdaroot.def":"x","indexes":{"a":3}}', b'{"indexes":7}']
)
def test_a_damaged_side_file_is_named_or_harmless(name, content):
    files = houdini_folder()
    files[LAMP + "/Contents.dir/Contents." + name] = content
    try:
        build_hda.collapse(folders.MemoryFolder(files))
    except build_hda.LibraryError as error:
        assert str(error).startswith("'%s/Contents.dir/Contents.mime': " % LAMP)
    else:
        assert name != "houdini_versions" and content.startswith(b'{"indexes')


def test_a_library_keeps_the_times_that_houdini_put_into_the_text(tmp_path):
    """An edit of `Modified` moves every time that followed it."""
    files = round_trip(samples.one_asset([HELP, (b"old", b"", 9)]), tmp_path)
    files["INDEX__SECTION"] = files["INDEX__SECTION"].replace(b"00:00:00 2026", b"00:00:01 2026")
    asset = build_hda.read_library(build_hda.collapse(folders.MemoryFolder(files))).assets[0]
    assert asset.modified == samples.NEW_YEAR + 1
    assert [part.time for part in asset.parts] == [samples.NEW_YEAR + 1, 9]


# -- The same zip everywhere --------------------------------------------------------------------


def zlib_level_six(data):
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def noise(size, seed=1, mask=0x7F):
    """Bytes without a pattern; with seven bits of eight, storing them is not the shortest."""
    bytes_ = bytearray()
    for _ in range(size):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        bytes_.append(seed >> 16 & mask)
    return bytes(bytes_)


def rare(size):
    """Bytes of which the high are rare: the code for their code lengths would be too deep."""
    one, other = [bytearray(noise(size, seed, 0xFF)) for seed in (1, 2)]
    return bytes(bytearray(map(min, one, other)))


# A word of 300 bytes, and what stands between its copies.
WORD = noise(300, 6)
GAP, OTHER_GAP = noise(500, 7), noise(500, 9)

PLAIN = {
    "nothing": b"",
    "one byte": b"a",
    "no match": b"ab",
    "one match": b"abcabcabc",
    "one byte often": b"a" * 3000,
    "every byte": bytes(bytearray(range(256))) * 3,
    "noise": noise(40000),
    "noise that is best stored": noise(40000, mask=0xFF),
    "noise twice": noise(9000) * 2,
    "a match from far away": noise(32500) + b"\0" * 300 + noise(40),
    "a network": samples.cpio(samples.NETWORK) * 9,
    "short repeats": b"".join(b"%d %d\n" % (n % 7, n % 11) for n in range(4000)),
    "three bytes from nearly too far": b"." + b"xyz" + noise(4093, 3) + b"xyz",
    "three bytes from too far": b"." + b"xyz" + noise(4094, 3) + b"xyz",
    "the farthest match": b"." + WORD + noise(deflate.FARTHEST - 300, 8) + WORD,
    "too far for any match": b"." + WORD + noise(deflate.FARTHEST - 299, 8) + WORD,
    "a long match at hand, a longer next": b"." + WORD[:16] + GAP + WORD[1:60] + OTHER_GAP + WORD,
    "a match at hand, a longer next": b"." + WORD[:15] + GAP + WORD[1:60] + OTHER_GAP + WORD,
    "good enough": b"." + WORD + GAP + WORD[:128] + OTHER_GAP + WORD,
    "not good enough": b"." + WORD + GAP + WORD[:127] + OTHER_GAP + WORD,
    "a match too deep in the chain": b"." * 3000 + WORD[1:13] + GAP + b"".join(
        WORD[1:5] + noise(9, n) for n in range(50, 90)) + WORD[:8] + OTHER_GAP + WORD[:13],
    "a tree too deep": rare(1500),
    "what the local library is asked": contents._probe(),
}  # fmt: skip


@pytest.mark.skipif(not contents._is_zlib(), reason="this Python's deflate library is not zlib")
@pytest.mark.parametrize("name", sorted(PLAIN))
def test_our_own_deflate_is_zlibs_byte_for_byte(name):
    assert deflate.deflate(PLAIN[name]) == zlib_level_six(PLAIN[name])


def test_our_own_deflate_is_inflated_by_any():
    plain = PLAIN["a network"] + PLAIN["noise"]
    assert zlib.decompress(deflate.deflate(plain), -15) == plain


def test_a_local_library_that_chooses_otherwise_changes_no_byte(monkeypatch):
    here = contents.zipped(PLAIN["a network"])
    compressobj = zlib.compressobj
    monkeypatch.setattr(contents.zlib, "compressobj", lambda level, *rest: compressobj(9, *rest))
    monkeypatch.setattr(contents, "_answers", [])
    assert not contents._is_zlib()
    assert contents.zipped(PLAIN["a network"]) == here


def test_the_samples_are_deflated_the_same_by_both(monkeypatch):
    folder = os.path.join(os.path.dirname(__file__), "..", "data", "hda", "chandelier")
    here = build_hda.collapse(DiskFolder(folder))
    monkeypatch.setattr(contents, "_answers", [False])
    assert build_hda.collapse(DiskFolder(folder)) == here
