"""Geometry to look at: what the network sees, thinks and answers, as coloured polygons.

Where things lie is worked out in `mlinference.layout`; here the arrays become geometry, in a
handful of calls however many polygons there are.
"""

import hou
import numpy

from mlinference import answer, evidence, layout
from mlinference._compat import native, packed
from mlinference.houdini import bulk, escape

# Numbers that the network is handed between two looks at Esc: of the bundled one's pictures 256,
# a tenth of a second.
PIECE = 256 * 784


def show(geometry, kind, reading, model):
    """Put a preview into the geometry.

    Args:
        geometry: The cooking node's own, writable hou.Geometry.
        kind: "picture", "probabilities", "layers" or "evidence".
        reading: readings.Reading.
        model: classifier.Classifier.
    """
    if len(reading.pictures):
        draw(geometry, LAYOUTS[kind](reading, model))


def _picture(reading, model):
    seen = model.seen(reading.pictures)
    parts = [
        layout.picture(*_visible(seen, reading, number, model)[:2]) for number in range(len(seen))
    ]
    return layout.join(parts)


def _evidence(reading, model):
    weights = evidence.occlusion(
        reading.pictures, _in_pieces(model.predict), model.shape, model.picture
    )
    parts = []
    for number in range(len(reading.answers)):
        values, place, rows, columns = _visible(reading.pictures, reading, number, model)
        parts.append(layout.evidence(values, weights[number, rows, columns], place))
    return layout.join(parts)


def _in_pieces(predict):
    def whole(pictures):
        count = max(1, PIECE // pictures.shape[1])
        pieces = [pictures[start : start + count] for start in range(0, len(pictures), count)]
        return numpy.concatenate(escape.mapped(predict, pieces, "Weighing the evidence"))

    return whole


def _visible(pictures, reading, number, model):
    """Return (picture, place, rows, columns): of a shape only its box, for neighbours overlap."""
    values = pictures[number].reshape(model.shape)
    rows, columns = slice(None), slice(None)
    if reading.shapes is not None:
        ink = values.max(axis=2)
        rows, columns = _inked(ink, 1), _inked(ink, 0)
    return values[rows, columns], reading.places[number], rows, columns


def _inked(values, axis):
    inked = numpy.nonzero(values.max(axis=axis) > 0.1)[0]
    return slice(inked[0], inked[-1] + 1) if len(inked) else slice(None)


def _probabilities(reading, model):
    left, bottom, width, height = layout.UNIT
    labels = [native(label) for label in model.labels]
    parts = []
    for number, found in enumerate(reading.answers):
        place = (left, bottom - number * (height + 2 * layout.BLOCK_GAP), width, height)
        best = max(range(len(model.labels)), key=found.probabilities.__getitem__)
        winner = best if found.confidence else answer.NOTHING
        parts.append(layout.probabilities(found.probabilities, labels, winner, place))
    return layout.join(parts)


def _layers(reading, model):
    return layout.layers(model.layers(reading.pictures[:1]))


LAYOUTS = {
    "picture": _picture,
    "probabilities": _probabilities,
    "layers": _layers,
    "evidence": _evidence,
}


def draw(geometry, quads):
    """Add the polygons of a layout.Quads, with their attributes and groups."""
    if not hasattr(hou.Geometry, "createPolygons"):
        _build(geometry, quads, quads.attributes)
        return
    # Handing over ten thousand polygons takes Houdini longer than the network takes. From one
    # cook to the next only values change, so the rest is kept, and merging it is one call.
    key = (packed(quads.points), tuple(quads.groups.items()))
    if key not in _frames:
        frame = hou.Geometry()
        _build(frame, quads, quads.fixed)
        if len(_frames) >= MOST_FRAMES:
            _frames.clear()
        _frames[key] = frame
    geometry.merge(_frames[key])
    _set_all(geometry, quads, [name for name in quads.attributes if name not in quads.fixed])


# Geometry without its changing values, by the place of its points.
_frames = {}
MOST_FRAMES = 8


def _build(geometry, quads, names):
    points = bulk.create_points(geometry, quads.points)
    polygons = bulk.create_polygons(geometry, points, quads.corners.tolist())
    _set_all(geometry, quads, names)
    for name, (begin, end) in quads.groups.items():
        geometry.createPrimGroup(name).add(polygons[begin:end])


def _set_all(geometry, quads, names):
    for name in names:
        bulk.set_values(geometry, hou.attribType.Prim, name, quads.attributes[name])
