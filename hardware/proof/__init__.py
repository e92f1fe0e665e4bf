"""How often verdicts are right: virtual experiments with faithful devices and planted defects."""
