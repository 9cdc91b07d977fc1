"""A nation's reports as raw documents with their truth, and whole nights over them, timed and judged.

Belongs here: which agencies there are, how they publish and what goes wrong, writing the documents of any number of
them, running the nightly job over these, and what it cost and came to. Does not belong here: layouts and formats
(bench/render_*.py), rows without documents (bench/row_corpus.py).
"""
