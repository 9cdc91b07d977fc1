"""Corpus generator and benchmarks: documents that look like published reports, and how well and fast they are read.

Belongs here: figures, wording and layouts of simulated documents, their damage, judging and timing a reading of them.
Does not belong here: reading anything.
"""
