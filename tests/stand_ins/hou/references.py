"""What HOM's small objects share: each is one of many references to the same thing."""


class Reference(object):
    """Equal to every other reference to the same thing; not the same object."""

    def _same(self):
        """A hashable value that two references share exactly when they mean the same."""
        raise NotImplementedError

    def __eq__(self, other):
        return isinstance(other, Reference) and self._same() == other._same()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self._same())
