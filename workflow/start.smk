"""What is checked and said before the first job of a run."""


def say_what_is_simulated():
    """Say which trials are simulated again, and how long jobs last that are sent elsewhere."""
    tables = {}
    for job in workflow.dag.needrun_jobs():
        if job.rule.name == "trials":
            table = Path(str(job.output.trials))
            tables.setdefault(job.wildcards.device, []).append(table)
    for name in sorted(tables):
        files = [
            f"{name}/config/{block}.yaml"
            for block in ("device", "sampling", "later-rounds")
        ]
        blocks = {Path(RESULTS, file): BLOCKS[file] for file in files}
        batches = STUDY.devices[name].sampling.batches_per_round
        if line := simulated_again(name, tables[name], blocks, STUDY.seed, batches):
            print(line, file=sys.stderr)
        if workflow.non_local_exec:
            line = jobs_line(name, STUDY.devices[name], one_trial_s(name))
            print(line, file=sys.stderr)


onstart:
    if workflow.is_main_process:
        # Snakemake has set its own by now; SIGHUP comes here, too.
        handle_in_thread(signal.SIGTERM)
        # Only the executor of Slurm has a command that asks for the state of jobs.
        if command := getattr(workflow.executor_settings, "status_command", None):
            try:
                require_accounting(command)
                RUN.require_no_jobs_left()
            except InputError as error:
                sys.exit(f"error: {error}")
        say_what_code_changed()
        say_what_is_simulated()
