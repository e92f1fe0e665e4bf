"""Run the command line: ``python -m workflow``."""

from workflow.cli import app
from workflow.errors import run_command

if __name__ == "__main__":
    run_command(lambda: app(prog_name="python -m workflow"))
