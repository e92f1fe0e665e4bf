"""Run the command line: ``python -m studies.liu2021``."""

from dwsynapse.io.errors import run_command


def main() -> None:
    """Import the commands where signals are already handled."""
    from studies.liu2021.cli import app

    app(prog_name="python -m studies.liu2021")


if __name__ == "__main__":
    run_command(main)
