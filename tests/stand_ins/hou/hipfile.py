"""hou.hipFile, and the scene that a new session starts with."""

from hou import graph, versions
from hou.state import session

MANAGERS = (("obj", "Object"), ("out", "Driver"), ("img", "CopNet"), ("ch", "ChopNet"))


def new_scene():
    """An empty scene, with the networks that each version starts with."""
    session.reset()
    session.root = graph.Op(None, graph.Kind("Director", "root", child="Manager"), "")
    for name, child in MANAGERS:
        manager = graph.Op(session.root, graph.Kind("Manager", name, child=child), name)
        session.root.children.append(manager)
        session.by_id[manager.id] = manager
    session.directories = [session.root]
    img = session.root.child("img")
    if versions.at_least("20.5"):
        # The documentation says that there is a default Copernicus network; its name is believed.
        graph.create(img, graph.find_kind("CopNet", "copnet"), "copnet1")
    else:
        graph.create(img, graph.find_kind("CopNet", "img"), "comp1")
    session.undo = []


class hipFile(object):
    @staticmethod
    def clear(suppress_save_prompt=False):
        new_scene()

    @staticmethod
    def path():
        return session.hip

    @staticmethod
    def name():
        return session.hip

    @staticmethod
    def isLoadingHipFile():
        return session.loading
