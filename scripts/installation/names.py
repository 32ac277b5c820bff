"""What is ours in a preferences folder, by its names there."""

NAME = "mlinference"

# Names in a preferences folder.
TARGET = "packages/" + NAME
PACKAGE = TARGET + ".json"
RECORD = TARGET + "/installed.json"
ENVIRONMENT = "houdini.env"


def folders_of(names):
    """Return the set of folders, all levels, that these names in a preferences folder need."""
    folders = set()
    for name in names:
        while "/" in name:
            name = name.rpartition("/")[0]
            folders.add(name)
    return folders
