"""Run the command line: ``python -m network``."""

from dwsynapse.io.errors import run_command


def main() -> None:
    """Import the commands, which takes seconds, where signals are already handled."""
    from network.cli import app

    app(prog_name="python -m network")


if __name__ == "__main__":
    run_command(main)
