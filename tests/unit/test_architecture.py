"""Who may import whom: the arrows of the design, walked over the syntax tree."""

import ast
import io
import os

PACKAGE = os.path.join("python2.7libs", "mlinference")

# Module prefix below the package -> may import it.
HOU = ("houdini",)
TENSORFLOW = (os.path.join("engines", "tensorflow1.py"),)

# What may lean on the node or the trainer; the rest has to work without either.
LEANING = ("houdini", "training", "doctor.py")


def modules(root):
    for folder, _, names in os.walk(os.path.join(root, PACKAGE)):
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, os.path.join(root, PACKAGE)), path


def imports(path):
    """Return [(module name, whether it is imported when the file is)]."""
    with io.open(path, encoding="utf-8") as source:
        tree = ast.parse(source.read().encode("utf-8"))
    return list(_imports_below(tree, True))


def _imports_below(tree, at_import):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, at_import
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield "%s.%s" % (node.module, alias.name), at_import
        inner = at_import and not isinstance(node, ast.FunctionDef)
        for found in _imports_below(node, inner):
            yield found


def below(name, package):
    return name == package or name.startswith(package + ".")


def test_hou_is_imported_under_houdini_only(root):
    users = [
        where for where, path in modules(root) for name, _ in imports(path) if below(name, "hou")
    ]
    assert users, "nothing imports hou: the walk is broken"
    assert [where for where in users if not where.startswith(HOU)] == []


def test_tensorflow_is_imported_by_its_engine_and_the_training_only(root):
    users = [
        where
        for where, path in modules(root)
        for name, _ in imports(path)
        if below(name, "tensorflow")
    ]
    assert users, "nothing imports tensorflow: the walk is broken"
    assert [where for where in users if not where.startswith(TENSORFLOW)] == []


def test_tensorflow_is_never_imported_before_it_is_needed(root):
    early = [
        where
        for where, path in modules(root)
        for name, at_import in imports(path)
        if at_import and below(name, "tensorflow")
    ]
    assert early == []


def test_nothing_points_back_at_houdini(root):
    free = [(where, path) for where, path in modules(root) if where.split(os.sep)[0] not in LEANING]
    assert len(free) > 40
    found = [
        (where, name)
        for where, path in free
        for name, _ in imports(path)
        if below(name, "mlinference.houdini") or below(name, "mlinference.training")
    ]
    assert found == []


def test_networks_imports_nothing(root):
    assert imports(os.path.join(root, PACKAGE, "networks.py")) == []
