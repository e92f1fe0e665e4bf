"""Run the command line: ``python -m dwsynapse.study``."""

from dwsynapse.io.errors import run_command


def main() -> None:
    """Import the commands where signals are already handled."""
    from dwsynapse.study.cli import app

    app(prog_name="python -m dwsynapse.study")


if __name__ == "__main__":
    run_command(main)
