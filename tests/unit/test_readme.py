"""What newcomers read is true: commands exist, links lead somewhere, both READMEs say the same."""

from __future__ import annotations

import shlex

import click
import pytest

from pipeline.cli.main import touming
from pipeline.paths import REPO_ROOT, SQL_ROOT
from pipeline.warehouse.sql_files import read_sql_folder
from tests.pages_for_tests import (
    PAGES,
    find_touming_calls,
    make_anchors,
    read_blocks,
    read_commands,
    read_headings,
    read_links,
    read_page,
)

ENGLISH, CHINESE = "README.md", "README.zh-CN.md"


def list_commands(page: str) -> list[tuple[str, list[list[str]]]]:
    """Each block with its commands, word by word, without comments."""
    return [
        (language, [shlex.split(command, comments=True) for command in read_commands(body)])
        for language, body in read_blocks(page)
    ]


def check_call(arguments: list[str]) -> None:
    """click.UsageError when a command or one of the options given does not exist."""
    context = click.Context(touming)
    name = arguments[0]
    command = touming if name.startswith("-") else touming.get_command(context, name)
    if command is None:
        raise click.UsageError(f"no such command: {name}")
    command.make_parser(click.Context(command)).parse_args(arguments[command is not touming :])


def test_both_readmes_have_the_same_blocks_and_commands() -> None:
    english, chinese = list_commands(read_page(ENGLISH)), list_commands(read_page(CHINESE))
    assert english == chinese
    assert len(english) >= 5


def test_both_readmes_have_the_same_headings_and_links() -> None:
    english, chinese = read_page(ENGLISH), read_page(CHINESE)
    assert [level for level, _ in read_headings(english)] == [level for level, _ in read_headings(chinese)]
    links = {target for target in read_links(english) if target != CHINESE}
    assert links == {target for target in read_links(chinese) if target != ENGLISH}
    assert CHINESE in read_links(english)
    assert ENGLISH in read_links(chinese)


def test_both_readmes_call_the_same_commands_in_their_sentences() -> None:
    english, chinese = (sorted(find_touming_calls(read_page(name))) for name in (ENGLISH, CHINESE))
    assert english == chinese


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for link in read_links(read_page(name)):
        target, _, anchor = link.partition("#")
        path = (REPO_ROOT / name).parent / target if target else REPO_ROOT / name
        assert path.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in make_anchors(path.read_text(encoding="utf-8")), f"{name}: {link}"


# What changed once may have changed again since
@pytest.mark.parametrize("name", [name for name in PAGES if name != "CHANGELOG.md"])
def test_every_call_names_a_command_and_options_that_exist(name: str) -> None:
    for arguments in find_touming_calls(read_page(name)):
        try:
            check_call(arguments)
        except click.UsageError as error:
            pytest.fail(f"{name}: touming {shlex.join(arguments)}: {error.format_message()}")


def test_the_calls_are_found() -> None:
    """In blocks, after settings and as another user, in sentences; words that only mention it are none."""
    page = (
        "```sh\nA_B=c touming restore F  # back\nrunuser -u touming -- .venv/bin/touming init 'a\nb' && touming run\n"
        "chown touming here\n```\nThen `touming doctor --x`, `touming[ocr]` or `cd x`.\n"
    )
    assert list(find_touming_calls(page)) == [["restore", "F"], ["init", "a\nb"], ["run"], ["doctor", "--x"]]
    assert sum(len(list(find_touming_calls(read_page(name)))) for name in PAGES) > 80


@pytest.mark.parametrize("arguments", [["runn"], ["run", "--sample-s"], ["query", "-x"]])
def test_a_call_of_something_else_is_noticed(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        check_call(arguments)


def test_every_sample_question_is_in_the_list_as_the_file_has_it() -> None:
    rows = [line for line in read_page("sql/examples/README.md").splitlines() if line.startswith("| ")][1:]
    wanted = [
        f"| {one.header('en')} | {one.header('zh')} | [{one.name}]({one.name}.sql) |"
        for one in read_sql_folder(SQL_ROOT / "examples")
    ]
    assert rows == wanted


def test_every_decision_is_in_the_list() -> None:
    pages = sorted((REPO_ROOT / "docs" / "adr").glob("[0-9]*.md"))
    titles = [f"- [{page.read_text(encoding='utf-8').splitlines()[0].lstrip('# ')}]({page.name})" for page in pages]
    listed = [line for line in read_page("docs/adr/README.md").splitlines() if line.startswith("- ")]
    assert listed == titles
