"""What Houdini does at its start with package files and houdini.env, as its documentation says.

Only what ours use: `env` entries with var, value and method; assignments in houdini.env with
`$NAME` on the right. Packages: https://www.sidefx.com/docs/houdini/ref/plugins.html,
houdini.env: https://www.sidefx.com/docs/houdini/basics/config_env.html
"""

import io
import json
import os
import re


def after_package(path, environ):
    """Return `environ` as a package file changes it."""
    with io.open(path, encoding="ascii") as stream:
        package = json.load(stream)
    environ = dict(environ)
    if not package.get("enable", True):
        return environ
    names = dict(environ, HOUDINI_PACKAGE_PATH=os.path.dirname(os.path.abspath(path)))
    for entry in package["env"]:
        values = [_expanded(str(entry["value"]), names)]
        present = [environ[entry["var"]]] if environ.get(entry["var"]) else []
        joined = {"prepend": values + present, "append": present + values, "replace": values}
        environ[str(entry["var"])] = os.pathsep.join(joined[entry["method"]])
    return environ


def after_houdini_env(path, environ):
    """Return `environ` as a houdini.env changes it."""
    environ = dict(environ)
    with io.open(path, "rb") as stream:
        text = stream.read().decode("latin-1")
    for line in text.splitlines():
        found = re.match(r'\s*(\w+)\s*=\s*"?([^"]*)"?\s*$', line)
        if found and not line.lstrip().startswith("#"):
            environ[str(found.group(1))] = _native(_expanded(found.group(2), environ))
    return environ


def _expanded(text, names):
    return re.sub(r"\$(\w+)", lambda found: names.get(found.group(1), ""), text)


def _native(text):
    data = text.encode("latin-1")
    return data if bytes is str else data.decode("utf-8")
