"""Run the command line: ``python -m workflow``."""

from workflow.errors import run_command


def main() -> None:
    """Import the commands, which takes seconds, where a signal already ends in one line."""
    from workflow.cli import app

    app(prog_name="python -m workflow")


if __name__ == "__main__":
    run_command(main)
