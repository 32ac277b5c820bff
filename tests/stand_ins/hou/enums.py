"""HOM's enumerations: module-like classes of values that compare by identity."""


class EnumValue(object):
    def __init__(self, enum, name):
        self._enum = enum
        self._name = name

    def name(self):
        return self._name

    def __lt__(self, other):
        return (self._enum, self._name) < (other._enum, other._name)

    def __repr__(self):
        return "%s.%s" % (self._enum, self._name)


def _enum(name, *values):
    return type(name, (object,), {value: EnumValue(name, value) for value in values})


attribType = _enum("attribType", "Point", "Prim", "Vertex", "Global")
attribData = _enum("attribData", "Int", "Float", "String", "Dict")
attribScope = _enum("attribScope", "Public", "Private")
groupScope = _enum("groupScope", "Public", "Private")
numericData = _enum(
    "numericData", "Int8", "Int16", "Int32", "Int64", "Float16", "Float32", "Float64"
)
primType = _enum("primType", "Polygon", "Volume", "PackedGeometry", "VDB", "Unknown")
exprLanguage = _enum("exprLanguage", "Hscript", "Python")
scriptLanguage = _enum("scriptLanguage", "Hscript", "Python")
imageDepth = _enum("imageDepth", "Int8", "Int16", "Int32", "Float16", "Float32")
imageLayerStorageType = _enum(
    "imageLayerStorageType", "Int8", "Int16", "Int32", "Fixed8", "Fixed16", "Float16", "Float32"
)
parmTemplateType = _enum(
    "parmTemplateType",
    "Int", "Float", "String", "Toggle", "Menu", "Button", "Label", "Separator", "FolderSet",
    "Folder", "Ramp", "Data",
)  # fmt: skip
parmData = _enum("parmData", "Int", "Float", "String", "Ramp")
nodeEventType = _enum(
    "nodeEventType",
    "AppearanceChanged", "BeingDeleted", "ChildCreated", "ChildDeleted", "ChildReordered",
    "ChildSelectionChanged", "ChildSwitched", "CustomDataChanged", "FlagChanged",
    "IndirectInputCreated", "IndirectInputDeleted", "IndirectInputRewired",
    "InputDataChanged", "InputRewired", "NameChanged", "NetworkBoxChanged",
    "NetworkBoxCreated", "NetworkBoxDeleted", "ParmTupleAnimated", "ParmTupleChanged",
    "ParmTupleChannelChanged", "ParmTupleEnabledChanged", "ParmTupleLockChanged",
    "ParmTupleVisibleChanged", "PositionChanged", "SelectionChanged", "SpareParmTemplatesChanged",
    "StickyNoteChanged", "StickyNoteCreated", "StickyNoteDeleted", "WorkItemSelectionChanged",
)  # fmt: skip
severityType = _enum("severityType", "Message", "ImportantMessage", "Warning", "Error", "Fatal")
