"""`kafka-tutor completion`: the script that makes a shell complete commands, options, scenarios and labs."""

from __future__ import annotations

import click

VARIABLE = "_KAFKA_TUTOR_COMPLETE"
"""Set by the script: click then answers with completions instead of running."""
LINES = {
    "bash": "echo 'eval \"$(kafka-tutor completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$(kafka-tutor completion zsh)\"' >> ~/.zshrc",
    "fish": "kafka-tutor completion fish > ~/.config/fish/completions/kafka-tutor.fish",
}
"""The one line that installs it for good."""


@click.command()
@click.argument("shell", type=click.Choice(list(LINES)))
def completion(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash, now:       eval "$(kafka-tutor completion bash)"
    bash, for good:  echo 'eval "$(kafka-tutor completion bash)"' >> ~/.bashrc
    zsh, for good:   echo 'eval "$(kafka-tutor completion zsh)"' >> ~/.zshrc
    fish, for good:  kafka-tutor completion fish > ~/.config/fish/completions/kafka-tutor.fish
    """
    from click.shell_completion import get_completion_class

    from tutor.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None, "click knows bash, zsh and fish"
    script = found(cli, {}, "kafka-tutor", VARIABLE)
    click.echo(f"# For good: {LINES[shell]}\n{script.source_template % script.source_vars()}")
