"""Which ink decided."""

import numpy

from mlinference import evidence

SHAPE = (8, 8, 1)


class Model(object):
    """Class 0 is for ink in the left half, class 1 for ink in the right half."""

    def __init__(self):
        self.batches = []

    def predict(self, pictures):
        self.batches.append(len(pictures))
        grids = pictures.reshape(-1, 8, 8)
        logits = numpy.array([half.sum(axis=2).sum(axis=1) for half in (grids[:, :, :4], grids[:, :, 4:])]).T
        powers = numpy.exp(logits - logits.max(axis=1)[:, None])
        return powers / powers.sum(axis=1)[:, None]


def drawn(left, right):
    picture = numpy.zeros((8, 8), "float32")
    picture[2:6, 1] = left
    picture[2:6, 6] = right
    return picture.reshape(1, -1)


def test_ink_for_the_answer_is_above_zero_and_ink_against_it_below():
    (weights,) = evidence.occlusion(drawn(1.0, 0.5), Model().predict, SHAPE)
    assert weights.shape == (8, 8)
    assert (weights[2:6, 1] > 0).all()
    assert (weights[2:6, 6] < 0).all()


def test_the_unit_is_the_lead_in_logits():
    (weights,) = evidence.occlusion(drawn(1.0, 0.0), Model().predict, SHAPE)
    # A patch of 4 pixels on the stroke covers 4 of its pixels; two of them do at its middle.
    assert 2.0 < weights[3:5, 1].max() <= 4.0


def test_a_sure_answer_does_not_saturate():
    strong = evidence.occlusion(10 * drawn(1.0, 0.0), Model().predict, SHAPE)
    weak = evidence.occlusion(drawn(1.0, 0.0), Model().predict, SHAPE)
    numpy.testing.assert_allclose(strong, 10 * weak, rtol=1e-3, atol=1e-3)


def test_all_patches_of_all_pictures_are_one_batch():
    model = Model()
    evidence.occlusion(numpy.concatenate([drawn(1.0, 0.0)] * 3), model.predict, SHAPE)
    assert len(model.batches) == 1


def test_paper_is_not_covered_with_paper():
    model = Model()
    weights = evidence.occlusion(numpy.zeros((1, 64), "float32"), model.predict, SHAPE)
    assert model.batches == [1]
    assert (weights == 0).all()


def test_each_picture_is_weighed_by_itself():
    both = numpy.concatenate([drawn(1.0, 0.0), drawn(0.0, 1.0)])
    together = evidence.occlusion(both, Model().predict, SHAPE)
    alone = [evidence.occlusion(each[None], Model().predict, SHAPE)[0] for each in both]
    numpy.testing.assert_allclose(together, alone, atol=1e-5)
