"""Run the command line: ``python -m studies.ellis2023``."""

from dwsynapse.io.errors import run_command


def main() -> None:
    """Import the command, which takes seconds, where signals are already handled."""
    from studies.ellis2023.cli import app

    app(prog_name="python -m studies.ellis2023")


if __name__ == "__main__":
    run_command(main)
