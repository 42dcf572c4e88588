"""Other systems that route short texts, re-created from what their source says they do.

No code of theirs is here, only the facts: which features, which classifier, which parameters, which threshold.
Each module names the source it was re-created from and every difference. What a system decides alone follows its
own rule; the baselines of our own decide alone from a confidence of 1 - accepted error, as calibrated ones should.
"""
