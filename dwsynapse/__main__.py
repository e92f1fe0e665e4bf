"""Run the command line: ``dwsynapse``, or ``python -m dwsynapse``."""

from dwsynapse.io.errors import run_command


def main() -> None:
    """Run the command line; what goes wrong for a user is one line and an exit status."""
    run_command(_commands)


def _commands() -> None:
    """Import the commands where a signal already ends in one line."""
    from dwsynapse.cli import app

    app(prog_name="dwsynapse")


if __name__ == "__main__":
    main()
