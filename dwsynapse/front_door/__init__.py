"""The chain from a wire to verdicts as functions: the public API of ``import dwsynapse as dw``.

Each does the same as the command of its name, with the same functions of the rooms, but with
arrays, tables and models instead of files. Where a command passes on a file, a temporary one is
passed on here: so the numbers are the same. Every function imports its room when it is called.
"""
