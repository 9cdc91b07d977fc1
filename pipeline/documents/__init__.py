"""Reading formats: bytes to a Document of text and grids, with no knowledge of the form."""
