"""Learning rules with a trainer of their own, ``<name>_rule``, and what only these use.

The paper's rules and the limits are trained together by `network.training.trainer`.
"""
