"""A Slurm cluster of one node on this machine, for tests: it needs root, slurm-wlm and munge."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

COMMANDS = ("sacct", "sacctmgr", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun")
DAEMONS = ("munged", "slurmctld", "slurmd")
# More cores than most machines of developers have, fewer than the largest rule could use: jobs that
# would ask for 8 are refused, as small nodes refuse them.
CORES = 4
CLUSTER = "one-node"
CONFIG = """
ClusterName={cluster}
SlurmctldHost={node}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
{accounting}
MinJobAge=900
MailProg=/bin/true
NodeName={node} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=16000
PartitionName=all Nodes={node} Default=YES MaxTime=INFINITE
"""
NO_ACCOUNTING = """
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
"""


def missing():
    """Return why there can be no cluster here, or None."""
    if os.getuid() != 0:
        return "root is needed for the daemons of Slurm"
    absent = [name for name in (*COMMANDS, *DAEMONS) if where(name) is None]
    return f"{', '.join(absent)} not found: `make test-slurm` installs them" if absent else None


class OneNodeSlurm:
    """Runs while its context is open; ``environment`` is that of a user who is logged in there.

    Parameters
    ----------
    folder
        An empty folder for all that the daemons keep, with a short path: sockets are in it.
    """

    def __init__(self, folder: Path, accounting: str = NO_ACCOUNTING):
        self.folder = folder
        self.log = folder / "daemons.log"
        config = folder / "slurm.conf"
        # Jobs lose all variables of Slurm, SLURM_CONF with them: the commands bring it themselves.
        for name in COMMANDS:
            command = folder / "bin" / name
            command.parent.mkdir(exist_ok=True)
            command.write_text(f'#!/bin/sh\nSLURM_CONF={config} exec {where(name)} "$@"\n')
            command.chmod(0o755)
        self.environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
        self._name = socket.gethostname().split(".")[0]
        config.write_text(
            CONFIG.format(
                folder=folder,
                node=self._name,
                cores=CORES,
                ports=free_ports(2),
                accounting=accounting,
                cluster=CLUSTER,
            )
        )
        self._config, self._daemons = config, []

    def __enter__(self):
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        files = {"key-file": key, "socket": "munge.socket", "pid-file": "munged.pid"}
        files |= {"log-file": "munged.log", "seed-file": "munged.seed"}
        options = [f"--{name}={self.folder / file}" for name, file in files.items()]
        self._start("munged", "--foreground", "--force", *options)
        self._wait_until(lambda: (self.folder / "munge.socket").exists())
        (self.folder / "state").mkdir()
        self._start_accounting()
        self._start("slurmctld", "-D", "-f", str(self._config))
        self._start("slurmd", "-D", "-f", str(self._config))
        self._wait_until(lambda: "idle" in self.run("sinfo", "--noheader", "--format=%T"))
        return self

    def __exit__(self, *_):
        self.run("scancel", "--user=root")
        self.wait_for_jobs()
        for daemon in reversed(self._daemons):
            daemon.terminate()
            daemon.wait(timeout=60)

    def run(self, *words):
        """Run a command of Slurm and return what it prints."""
        options = {"env": self.environment, "capture_output": True, "text": True}
        return subprocess.run(words, check=False, **options).stdout

    def jobs(self):
        """Return id, state, cores, time limit in minutes and comment of all jobs there were."""
        options = ("--noheader", "--states=all", "--array", "--format=%i|%T|%C|%l|%k")
        return [line.split("|") for line in self.run("squeue", *options).splitlines()]

    def take_no_job(self):
        """Let jobs that are sent from now on wait."""
        self._node("state=drain", "reason=test")

    def take_jobs(self):
        """Start the jobs that wait, and those that are sent from now on."""
        self._node("state=resume")

    def _node(self, *words):
        self.run("scontrol", "update", f"nodename={self._name}", *words)

    def wait_for_jobs(self):
        """Wait until the queue is empty."""
        self._wait_until(lambda: not self.run("squeue", "--noheader"))

    def _start_accounting(self):
        """Start what the controller needs for accounting: nothing here."""

    def _start(self, name, *options):
        with self.log.open("a") as log:
            words, environment = [where(name), *options], {"SLURM_CONF": str(self._config)}
            self._daemons.append(
                subprocess.Popen(words, env=os.environ | environment, stdout=log, stderr=log)
            )

    def _wait_until(self, there):
        for _ in range(3000):
            if there():
                return
            time.sleep(0.1)
        raise TimeoutError(self.log.read_text()[-5000:])


def where(name):
    """Return where a command or daemon is; None if it is not installed."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_ports(n):
    """Return ports of this machine that nothing listens to."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [server.getsockname()[1] for server in taken]
    for server in taken:
        server.close()
    return ports
