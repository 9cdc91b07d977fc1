"""Touming (透明): annual reports on government information disclosure, from published bytes to queryable facts.

Data flows one way through the rooms of this package; docs/architecture.md names them and what each may import.
"""
