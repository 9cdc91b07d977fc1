"""What --json prints.

Belongs here: how an answer for programs is written. Does not belong here: what is in it (each command), and answers of
SQL (result_formats.py).
"""

from __future__ import annotations

import json

import click


def print_json(content: object) -> None:
    """One JSON value on stdout, characters as they are; what JSON has no form for (a path, a moment) as its text."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))
