"""Corpus generator: documents that look like published reports, each with the numbers it prints.

Belongs here: figures, wording and layouts of simulated documents, and their damage.
Does not belong here: reading anything.
"""
