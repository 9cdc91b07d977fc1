"""The database: build it from stages, run sql/ on it, check it, swap it in, and query what is published."""
