"""Pictures to answers inside Houdini: the package behind the ML Inference node.

A node reads the picture of a COP network, a checkpoint written by TensorFlow 1 or 2 says
what is drawn there, and the answer becomes a detail attribute. Nothing heavy is imported
here; `mlinference.houdini` is the only part that needs Houdini.
"""

__version__ = "1.0.0"
