"""Pictures and labels in, a checkpoint out.

`command` reads like the whole run. `recipes` says how to train, `dataset` and `folders` where
pictures come from, `mixture` what is added to them and `augmentation` how they are varied,
`graph` what TensorFlow computes, `loop` in which order, `calibration` how sure the network may
be, `saving` and `report` what is kept.
"""
