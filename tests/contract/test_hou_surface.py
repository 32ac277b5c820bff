"""The stand-in's surface against SideFX's: names, methods and parameters exist there as well.

`types-houdini` is generated from Houdini's own docstrings. Where it is known to be wrong or to
leave something out, the difference stands in `EXCEPTIONS` with its reason.
"""

import inspect
import io
import os
import sys

import pytest
import scene

pytestmark = [
    pytest.mark.skipif(sys.version_info < (3, 8), reason="the stubs are text for Python 3.8+"),
    pytest.mark.skipif(scene.REAL, reason="this is about the stand-in"),
]

if sys.version_info >= (3, 8):
    import hou_stubs

    STUBBED = sorted(hou_stubs.RELEASES)
else:
    STUBBED = []

# (class or "", member) -> why it may differ from the stubs.
EXCEPTIONS = {
    ("Cop2Node", "allPixelsAsString"): "its docstring has depth=None, the stubs of 20.5+ do not",
    ("Geometry", "createPolygons"): "its docstring says points, the stubs point_positions",
    ("", "nodeType"): "19.5.1 describes one of its two forms",
    ("PointGroup", "pointCount"): "19.5.1 describes two functions in one",
    ("Parm", "evalAtTime"): "its docstring says time, the stubs frame",
}
# The stubs spell the argument that names an attribute in three ways.
ONE_SPELLING = {"attrib": "name_or_attrib", "attrib_or_name": "name_or_attrib"}


@pytest.fixture(params=STUBBED)
def version(request):
    return request.param


def test_every_public_member_is_in_the_published_surface(version, capsys):
    stub = hou_stubs.read(version)
    missing, covered = [], {}
    with scene.houdini(version) as hou:
        for name, value in public(hou):
            if name not in stub.members:
                missing.append(name)
            elif inspect.isclass(value):
                members = [each for each, _ in public(value, inherited=True)]
                missing.extend(
                    "%s.%s" % (name, each) for each in members if not stub.member(name, each)
                )
                own = [each for each in stub.classes[name] if is_public(each)]
                covered[name] = (len(set(own) & set(members)), len(own))
    report = coverage(version, covered, len(list(public(hou))), len(stub.members))
    path = os.path.join(hou_stubs.ROOT, "build", "hou_surface_%s.txt" % version)
    with io.open(path, "w", encoding="utf-8") as file:
        file.write(report)
    with capsys.disabled():
        print("\n" + report.splitlines()[0])
    assert "\n".join(missing) == ""


def test_every_parameter_is_in_the_published_surface(version):
    stub = hou_stubs.read(version)
    different = []
    with scene.houdini(version) as hou:
        for owner, name, function in functions(hou):
            node = stub.member(owner, name) if owner else stub.functions.get(name)
            if node is None or not hasattr(node, "args") or (owner, name) in EXCEPTIONS:
                continue
            published, takes_any = hou_stubs.parameters(node)
            own = own_parameters(function, owner)
            if version == "19.5":  # its stubs are older and name many parameters differently
                own, published = unnamed(own), unnamed(published)
            problem = compare(own, published, takes_any)
            if problem:
                different.append("%s.%s: %s" % (owner, name, problem))
    assert "\n".join(different) == ""


@pytest.mark.parametrize("version", [v for v in STUBBED if v != "19.5"])
def test_every_plain_default_is_the_published_one(version):
    """19.5.1 is left out: its defaults contradict its own docstrings, as for addAttrib."""
    stub = hou_stubs.read(version)
    different = []
    with scene.houdini(version) as hou:
        for owner, name, function in functions(hou):
            node = stub.member(owner, name) if owner else stub.functions.get(name)
            if node is None or not hasattr(node, "args") or (owner, name) in EXCEPTIONS:
                continue
            published = hou_stubs.defaults(node)
            for parameter, default in own_defaults(function).items():
                if published.get(parameter, default) != default:
                    different.append("%s.%s(%s=%r)" % (owner, name, parameter, default))
    assert "\n".join(different) == ""


def own_defaults(function):
    parameters = inspect.signature(getattr(function, "newest", function)).parameters.values()
    return {each.name: each.default for each in parameters if each.default is not each.empty}


def public(owner, inherited=False):
    """Pairs of name and value of what anyone may touch."""
    for name in sorted(dir(owner) if inherited else vars(owner)):
        if is_public(name):
            yield name, getattr(owner, name)


def is_public(name):
    return not name.startswith("_") and name != "thisown" and not hasattr(Exception, name)


def functions(hou):
    """Triples of class name ("" for the module's own), function name and function."""
    for name, value in public(hou):
        if inspect.isclass(value):
            for member, function in public(value, inherited=True):
                if callable(function) and not inspect.isclass(function):
                    yield name, member, function
        elif callable(value):
            yield "", name, value


def own_parameters(function, owner):
    """Return [(name, has a default)], as hou_stubs.parameters does."""
    hidden = getattr(function, "hidden_argument", None)
    function = getattr(function, "newest", function)
    names = list(inspect.signature(function).parameters.values())
    if owner and names and names[0].name == "self":
        names = names[1:]
    return [
        (each.name, each.default is not each.empty or each.kind is each.VAR_POSITIONAL)
        for each in names
        if each.name != hidden
    ]


def one_spelling(pairs):
    return [(ONE_SPELLING.get(name, name), optional) for name, optional in pairs]


def unnamed(pairs):
    return [("", optional) for _, optional in pairs]


def compare(own, published, takes_any):
    """Say how a parameter list differs from the published one; "" when it does not."""
    if takes_any:
        return ""
    own, published = one_spelling(own), one_spelling(published)
    if own != published[: len(own)]:
        return "has %s, published is %s" % (own, published)
    if not all(optional for _, optional in published[len(own) :]):
        return "lacks %s" % (published[len(own) :],)
    return ""


def coverage(version, covered, own, published):
    have = sum(pair[0] for pair in covered.values())
    there = sum(pair[1] for pair in covered.values())
    lines = [
        "Houdini %s: %d of %d names of hou; of the classes among them, %d of %d members."
        % (version, own, published, have, there)
    ]
    lines += [
        "    %-24s %3d of %3d members" % (name, have, there)
        for name, (have, there) in sorted(covered.items())
        if there > 4
    ]
    return "\n".join(lines)


def test_an_unknown_version_is_refused(monkeypatch):
    versions = sys.modules.get("hou.versions")
    with pytest.raises(ImportError) as refused:
        with scene.houdini("13.0"):
            pass
    assert str(refused.value) == (
        "No Houdini '13.0' to stand in for. MLINFERENCE_HOUDINI is one of"
        " 16.5, 17.5, 18.5, 19.0, 19.5, 20.0, 20.5, 21.0, 22.0. (stand-in)"
    )
    assert sys.modules.get("hou.versions") is versions
