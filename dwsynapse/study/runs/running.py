"""Which runs of the workflow live in a folder, and what killed ones left behind there."""

import fcntl
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from dwsynapse.io.errors import InputError
from dwsynapse.io.number_format import counted

STATE = ".snakemake"
CLOCKS_AGREE_S = 60.0
"""Those of a file system and of its clients."""
TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}(\.\w+)?")
"""Names of files that are being written (`dwsynapse.io.files.atomic_path`)."""
LEFT_FOR_S = 24 * 3600.0
"""No file is being written for longer."""


class Run:
    """A run of the workflow in a folder, which counts as living until its process ends.

    Parameters
    ----------
    folder
        Where Snakemake runs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.alone = False
        """Whether no other run lives; also False where the file system cannot tell."""
        self._held: IO[str] | None = None
        with suppress(OSError):
            (folder / STATE).mkdir(exist_ok=True)
            self._held = (folder / STATE / "running").open("a")
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.alone = True

    def unlock(self, results: str) -> None:
        """Remove the locks that killed runs left; those of another workflow stay.

        Parameters
        ----------
        results
            The folder of this workflow's results, as in the paths that Snakemake locks.
        """
        if self.alone:
            locks = list((self._folder / STATE / "locks").glob("*.lock"))
            outputs = [lock for lock in locks if lock.name.endswith(".output.lock")]
            ours = f"{results}/"
            if all(
                line.startswith(ours) for lock in outputs for line in lock.read_text().splitlines()
            ):
                for lock in locks:
                    lock.unlink(missing_ok=True)
        if self._held:
            # Shared from now on: runs of other results may live at the same time.
            with suppress(OSError):
                fcntl.flock(self._held, fcntl.LOCK_SH)

    def tidy(self, results: Path) -> None:
        """Set back times in the future, and remove what killed commands left half written.

        A clock that was off gives results the times of a later day. Snakemake would take them for
        newer than what changes until then, and not make them again.

        Parameters
        ----------
        results
            The folder of this workflow's results.
        """
        if not self.alone:
            return
        now, later = time.time(), []
        for folder, _, names in os.walk(results):
            for name in names:
                path = Path(folder, name)
                with suppress(OSError):
                    changed = path.stat().st_mtime
                    if changed > now + CLOCKS_AGREE_S:
                        later.append((changed, path))
                    elif TEMPORARY.fullmatch(name) and changed < now - LEFT_FOR_S:
                        path.unlink()
        if later:
            print(
                f"note: {counted(len(later), 'file')} in {results} from the future, as of a clock "
                "that was off: from now",
                file=sys.stderr,
            )
        for n, (_, path) in enumerate(sorted(later)):
            ns = int(now * 1e9) - 1000 * (len(later) - n)  # in their order
            os.utime(path, ns=(ns, ns))

    def require_no_jobs_left(self) -> None:
        """Check that no job of a killed run waits or runs on the Slurm cluster.

        Raises
        ------
        InputError
            Naming those jobs: what they make would be made twice.
        """
        if not self.alone:
            return
        queue = _said(["squeue", "--me", "--noheader", "--format=%i|%Z|%k"]).stdout
        rows = [line.strip().split("|", 2) for line in queue.splitlines()]
        left = [
            number
            for number, folder, comment in rows
            if Path(folder) == self._folder and comment.startswith(("rule_", "group_"))
        ]
        if left:
            raise InputError(
                f"jobs of a run that was killed are still in the queue: {', '.join(left)}",
                path=self._folder,
                remedy=f"wait until they end, or `scancel {' '.join(left)}`",
            )


def require_accounting(status_command: str) -> None:
    """Check that the command that Slurm's jobs are asked by gives an answer.

    Raises
    ------
    InputError
        If it is sacct and the cluster keeps no accounts: Snakemake would wait for ever.
    """
    if status_command == "sacct" and (asked := _said(["sacct", "--noheader"])).returncode:
        raise InputError(
            f"sacct says: {asked.stderr.strip()}",
            remedy="uncomment slurm-no-account and slurm-status-command in the profile, or add "
            "--slurm-no-account --slurm-status-command squeue",
        )


def _said(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
