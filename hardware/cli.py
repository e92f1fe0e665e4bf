"""Commands of the hardware room.

Each imports what it needs when it runs: libraries of figures and compilers take long to load.
"""

from dwsynapse.io.command_line import Commands
from hardware.compare_command import compare
from hardware.crossbars.programming.program_crossbar_command import program_crossbar
from hardware.crossbars.programming.run_crossbar_command import run_crossbar
from hardware.crossbars.verification.verify_crossbar_command import verify_crossbar
from hardware.instruments.run_command import run
from hardware.kerr_loops.loops_command import loops
from hardware.logs.manifest_command import manifest
from hardware.programming.program_command import program
from hardware.proof.prove_command import prove
from hardware.recalibration.recalibrate_command import recalibrate
from hardware.verification.verify_command import verify

app = Commands(
    no_args_is_help=True,
    help="From trained fields to a device program, a log of its reads, and verdicts on it.",
)

app.command()(loops)
app.command()(program)
app.command()(run)
app.command()(manifest)
app.command()(verify)
app.command()(prove)
app.command()(compare)
app.command()(recalibrate)
app.command("program-crossbar")(program_crossbar)
app.command("run-crossbar")(run_crossbar)
app.command("verify-crossbar")(verify_crossbar)
