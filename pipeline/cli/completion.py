"""`touming completion`: what a shell needs to complete commands, options and values.

Belongs here: the command. Does not belong here: the script, which is click's, and the values (offered_values.py).
"""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options, and names and codes of the published warehouse.

    \b
    bash   echo 'eval "$(touming completion bash)"' >> ~/.bashrc
    zsh    echo 'eval "$(touming completion zsh)"' >> ~/.zshrc     (after compinit)
    fish   touming completion fish > ~/.config/fish/completions/touming.fish
    """
    from click.shell_completion import get_completion_class

    root = context.find_root()
    completer = get_completion_class(shell)
    if completer is None or root.info_name is None:
        raise click.UsageError(f"click knows no shell called {shell}")
    # The name of the variable is the one that click itself looks for
    variable = f"_{root.info_name}_COMPLETE".replace("-", "_").upper()
    click.echo(completer(root.command, {}, root.info_name, variable).source())
