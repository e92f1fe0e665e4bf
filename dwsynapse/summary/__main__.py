"""Run the command line: ``python -m dwsynapse.summary``."""

from dwsynapse.io.errors import run_command


def main() -> None:
    """Import the commands, which takes seconds, where signals are already handled."""
    from dwsynapse.summary.cli import app

    app(prog_name="python -m dwsynapse.summary")


if __name__ == "__main__":
    run_command(main)
