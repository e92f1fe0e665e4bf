"""Run the command line: ``python -m config``."""

from workflow.errors import run_command


def main() -> None:
    """Import the commands where a signal already ends in one line."""
    from config.cli import app

    app(prog_name="python -m config")


if __name__ == "__main__":
    run_command(main)
