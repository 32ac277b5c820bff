"""Installs the package, its trained network and the built assets with pip, on Python 2.7 and 3.6+.

Houdini itself needs none of this: scripts/install.py puts the same files where it looks.
"""

import glob
import io
import os
import re

from setuptools import find_packages, setup

ROOT = os.path.dirname(os.path.abspath(__file__))


def read(*parts):
    with io.open(os.path.join(ROOT, *parts), encoding="utf-8") as source:
        return source.read()


# Read, not imported: the package is not installed yet.
VERSION = re.search(
    r'^__version__ = "([^"]+)"', read("python2.7libs", "mlinference", "__init__.py"), re.MULTILINE
).group(1)

# Built from hda/ by scripts/build_hda.py; a package without them would be installed in vain.
if not glob.glob(os.path.join(ROOT, "otls", "*.hda")):
    raise SystemExit("otls/ holds no .hda file. Run: python scripts/build_hda.py build")

# The newest TensorFlow that was seen to train, save and restore on each Python, and what it needs.
TENSORFLOW = (
    (
        "2.7",
        "tensorflow==1.15.0",
        "numpy==1.16.6",
        "protobuf==3.17.3",
        "h5py==2.10.0",
        "grpcio==1.39.0",
    ),
    ("3.6", "tensorflow==1.15.5", "numpy==1.18.5", "protobuf==3.19.6", "h5py==2.10.0"),
    ("3.7", "tensorflow==1.15.5", "numpy==1.18.5", "protobuf==3.20.3", "h5py==2.10.0"),
    ("3.9", "tensorflow-cpu==2.20.0", "numpy==2.0.2"),
    ("3.10", "tensorflow-cpu==2.21.0", "numpy==2.2.6"),
    ("3.11", "tensorflow-cpu==2.21.0", "numpy==2.4.6"),
    ("3.12", "tensorflow-cpu==2.21.0", "numpy==2.5.5"),
    ("3.13", "tensorflow-cpu==2.21.0", "numpy==2.5.5"),
)


def pins(table):
    """Yield the requirements of the table, each for its own Python."""
    intel = "sys_platform != 'darwin' and platform_machine in 'x86_64 AMD64'"
    others = "(sys_platform == 'darwin' or platform_machine not in 'x86_64 AMD64')"
    for row in table:
        python = "python_version == '%s'" % row[0]
        for pin in row[1:]:
            if pin.startswith("tensorflow-cpu"):
                # The smaller package exists for Linux and Windows on Intel processors only.
                yield "%s; %s and %s" % (pin, python, intel)
                yield "%s; %s and %s" % (pin.replace("-cpu", ""), python, others)
            else:
                yield "%s; %s" % (pin, python)


setup(
    name="mlinference",
    version=str(VERSION),
    description="Pictures to answers inside Houdini: the package behind the ML Inference node.",
    long_description=read("README.md"),
    long_description_content_type="text/markdown",
    license="MIT",
    author="The ML Inference for Houdini developers",
    packages=find_packages("python2.7libs") + ["mlinference.otls"],
    # Built assets become `mlinference/otls`, so that HOUDINI_PATH can name the installed folder.
    package_dir={"": "python2.7libs", "mlinference.otls": "otls"},
    package_data={"mlinference": ["data/*", "data/*/*"], "mlinference.otls": ["*.hda"]},
    python_requires=">=2.7, !=3.0.*, !=3.1.*, !=3.2.*, !=3.3.*, !=3.4.*, !=3.5.*",
    # NumPy is no requirement: pip inside Houdini's Python would bring a second one, which breaks
    # Houdini's own modules. `doctor` says so where it is missing.
    install_requires=[],
    extras_require={
        "numpy": ["numpy"],
        "tensorflow": list(pins(TENSORFLOW)),
        "classify": ["pillow"],
        "convert": ["h5py", "onnx"],
    },
    entry_points={"console_scripts": ["mlinference = mlinference.__main__:run"]},
    zip_safe=False,
    classifiers=[
        "License :: OSI Approved :: MIT License",
        "Programming Language :: Python :: 2.7",
        "Programming Language :: Python :: 3",
        "Topic :: Multimedia :: Graphics :: 3D Modeling",
    ],
)
