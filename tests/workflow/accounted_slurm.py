"""That cluster with accounting: it needs slurmdbd and mariadb-server as well."""

import shutil
import subprocess
from pathlib import Path

from tests.workflow.one_node_slurm import CLUSTER, OneNodeSlurm, free_ports, missing, where

DAEMONS = ("slurmdbd", "mariadbd", "mariadb", "mariadb-install-db")
ACCOUNT, PARTITION = "physics", "long"
ACCOUNTING = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort={port}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=associations,limits
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
PartitionName={partition} Nodes=ALL MaxTime=1-00:00:00
"""
DATABASE_DAEMON = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={ports[0]}
SlurmUser=root
LogFile={folder}/slurmdbd.log
PidFile={folder}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={ports[1]}
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
"""


def missing_of_accounting():
    """Return why there can be no cluster with accounting here, or None."""
    absent = [name for name in DAEMONS if where(name) is None]
    said = f"{', '.join(absent)} not found: `make test-slurm` installs them" if absent else None
    return missing() or said


class AccountedSlurm(OneNodeSlurm):
    """Takes jobs of `ACCOUNT` only, and has a partition `PARTITION` besides the default one.

    Parameters
    ----------
    folder
        As of `OneNodeSlurm`.
    """

    def __init__(self, folder: Path):
        self._ports = free_ports(2)
        port = self._ports[0]
        super().__init__(folder, ACCOUNTING.format(folder=folder, port=port, partition=PARTITION))
        config = folder / "slurmdbd.conf"
        config.touch(mode=0o600)
        config.write_text(DATABASE_DAEMON.format(folder=folder, ports=self._ports))

    def _start_accounting(self):
        data = self.folder / "sql"
        data.mkdir()
        # The database must not run as root, and reach its folder.
        shutil.chown(data, "mysql")
        self.folder.chmod(0o755)
        made = [where("mariadb-install-db"), "--user=mysql", f"--datadir={data}"]
        made += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, capture_output=True)
        socket = data / "socket"
        self._start(
            "mariadbd",
            "--no-defaults",
            "--user=mysql",
            f"--datadir={data}",
            f"--socket={socket}",
            f"--port={self._ports[1]}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=64M",
            "--innodb-lock-wait-timeout=900",
        )
        users = "".join(
            f"create user slurm@{host} identified by 'slurm'; grant all on *.* to slurm@{host};"
            for host in ("'127.0.0.1'", "localhost")
        )
        words = [where("mariadb"), f"--socket={socket}", "-uroot", "-e", users]
        self._wait_until(lambda: subprocess.run(words, capture_output=True).returncode == 0)
        self._start("slurmdbd", "-D")
        self._wait_until(lambda: "Cluster" in self.run("sacctmgr", "list", "cluster"))
        self.run("sacctmgr", "-i", "add", "cluster", CLUSTER)
        self.run("sacctmgr", "-i", "add", "account", ACCOUNT, f"cluster={CLUSTER}")
        self.run("sacctmgr", "-i", "add", "user", "root", f"account={ACCOUNT}")

    def accounted_jobs(self):
        """Return account, partition and state of all jobs that the accounting knows."""
        words = ("--allocations", "--allusers", "--noheader", "--parsable2")
        said = self.run("sacct", *words, "--format=Account,Partition,State")
        return [line.split("|") for line in said.splitlines()]
