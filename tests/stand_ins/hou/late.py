"""Modules of this package that import each other find the later one here, once all are loaded.

`__init__` fills in the names. A late `from hou import nodes` would not do: the modules are not
members of `hou`, and Python 2 looks nowhere else.
"""

hda = images = nodes = parms = sops = volumes = hou = None
