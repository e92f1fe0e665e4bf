"""The code of a room as a reason to run its rules again.

Snakemake runs a rule again when its shell command is not the one that made the files. A comment at the
end of each command holds the fingerprint of the room that it calls.
"""


def room_of(rule):
    """Return the package whose code a rule runs, None if it calls none."""
    called = re.search(r"python -m ([\w.]+)", rule.shellcmd or "")
    if called is None:
        return None
    package = called[1]
    return package if package.startswith("dwsynapse.") else package.partition(".")[0]


def say_what_code_changed():
    """Say in one line per room how many results are made again because its code changed."""
    again = {}
    for job in workflow.dag.needrun_jobs():
        room = room_of(job.rule)
        if room and workflow.dag.reason(job).code_changed:
            again[room] = again.get(room, 0) + len(job.output)
    for room, n_files in again.items():
        print(made_again(room, n_files), file=sys.stderr)


for made_by in workflow.rules:
    if room := room_of(made_by):
        made_by.shellcmd += f" # code {fingerprint(room)}"
