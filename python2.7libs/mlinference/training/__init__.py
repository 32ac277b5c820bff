"""Pictures and labels in, a checkpoint out.

`recipes` says what is done, `dataset` where the pictures come from, `augmentation` how they
are varied, `graph` what TensorFlow computes, `loop` in which order, `saving` and `report`
what is kept. TensorFlow is imported in `graph` alone, and only when a graph is built.
"""
