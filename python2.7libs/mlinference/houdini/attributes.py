"""Detail attributes, written so that HOM takes them on every version."""

import re

import hou

from mlinference import errors

VALID_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\Z")


def write(geometry, named_values, kin=()):
    """Write Global attributes, replacing what an input brought under the same names.

    Args:
        geometry: The cooking node's own, writable hou.Geometry.
        named_values: Pairs of name and builtin int, float, str or tuple of float.
        kin: Names that belong to them: one that an input brought and that is not written is of
            another answer, and goes.

    Returns:
        Set of the names that went.

    Raises:
        AttributeNameInvalid: A name is not one that Houdini takes.
    """
    for name, _ in named_values:
        if not VALID_NAME.match(name):
            raise errors.AttributeNameInvalid(name=name)
    brought = {attribute.name(): attribute for attribute in geometry.globalAttribs()}
    gone = set(brought).intersection(kin).difference(dict(named_values))
    for name in gone:
        brought[name].destroy()
    for name, value in named_values:
        _write_one(geometry, brought.get(name), name, value)
    return gone


def _write_one(geometry, attribute, name, value):
    if attribute is not None and not fits(attribute, value):
        attribute.destroy()
        attribute = None
    if attribute is None:
        attribute = geometry.addAttrib(hou.attribType.Global, name, value)
        if not isinstance(value, str):
            return
    # A new number has its default, a string attribute ignores it.
    geometry.setGlobalAttribValue(attribute, value)


def fits(attribute, value):
    """Tell whether an attribute holds what this value is: int, float, str or a tuple of float."""
    size = len(value) if isinstance(value, tuple) else 1
    first = value[0] if isinstance(value, tuple) else value
    kinds = {int: hou.attribData.Int, float: hou.attribData.Float, str: hou.attribData.String}
    # isArrayType is younger than Houdini 16.5 is known to be.
    is_array = getattr(attribute, "isArrayType", bool)()
    return attribute.dataType() == kinds[type(first)] and attribute.size() == size and not is_array
