"""Commands that need no time to begin: forked from a process that has imported Axolotl.

Three programs of a run import torch, transformers and Axolotl: `accelerate launch`, the
training that it starts, and the evaluation; for a small model that takes as long as the
training. Here one process imports them, does nothing else, and is forked for each
command: what the command does and exits with is the same.

Only for runs on a CPU under Linux: a process that has looked at a GPU must not be
forked, and other systems have libraries that do not bear it.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn

from axolotl_explain.sweep.guard import guard

IMPORTS = "axolotl_explain.sweep.warm_imports"
CONTEXT = multiprocessing.get_context("forkserver")
COLD = "AXOLOTL_EXPLAIN_COLD_START"
"""At 1, a new Python begins for every command."""


def can_start_warm() -> bool:
    """Whether this system bears it; a user may say no by an environment variable."""
    return sys.platform == "linux" and os.environ.get(COLD) != "1"


@dataclass(slots=True, eq=False)
class WarmProcess:
    """A command below its guard, as `subprocess.Popen` would have it.

    Attributes:
        stdin: closed to end the command.
    """

    process: BaseProcess
    stdin: Connection

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        self.process.join()
        return self.process.exitcode or 0


@dataclass(frozen=True, slots=True)
class WarmCommand:
    """A command with all that it needs.

    Attributes:
        module: that the program stands for, run as `python -m MODULE ARGUMENTS` would.
        log: gets what it prints, at its end.
    """

    module: str
    arguments: Sequence[str]
    lock: Path
    outcome: Path
    log: Path
    environment: Mapping[str, str]
    folder: str

    def start(self) -> WarmProcess:
        """Start it below a guard, in a process group of its own."""
        _start_server(self.environment)
        reader, writer = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=self.run, args=(reader,))
        process.start()
        reader.close()
        return WarmProcess(process, writer)

    def run(self, alive: Connection) -> NoReturn:
        """In the forked process: be the guard, and fork once more for the command.

        Args:
            alive: closes when whoever asked for the command is gone.
        """
        os.setsid()
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        os.dup2(alive.fileno(), 0)
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.exit(guard(self.lock, self.outcome, [], self._fork))

    def _fork(self, _: list[str]) -> int:
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # As in a process that Python started on Linux.
        multiprocessing.set_start_method("fork", force=True)
        module, arguments = _without_launcher(self.module, self.arguments)
        _limit_threads(os.environ)
        run_as_main(module, arguments)


def run_as_main(module: str, arguments: Sequence[str]) -> NoReturn:
    """Do what `python -m MODULE ARGUMENTS` does, and leave this process as it would.

    A process that was forked ends without what is to be done at exit, such as taking
    temporary folders away; here it is done.
    """
    sys.argv = [module, *arguments]
    try:
        _run_to_its_end(module)
    finally:
        atexit._run_exitfuncs()


def _run_to_its_end(module: str) -> NoReturn:
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001
        # As Python ends: by the hook, which tells some errors in a line of their own.
        sys.excepthook(*sys.exc_info())
        sys.exit(1)
    sys.exit(0)


def _start_server(environment: Mapping[str, str]) -> None:
    """The process that is forked, if it does not run yet.

    Some of what it imports reads variables while it is imported.
    """
    CONTEXT.set_forkserver_preload([IMPORTS])
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _without_launcher(
    module: str, arguments: Sequence[str]
) -> tuple[str, Sequence[str]]:
    """What `accelerate launch` would start, with the variables that it would set.

    A launch of several processes is left to it.
    """
    if not module.startswith("accelerate.") or arguments[:1] != ["launch"]:
        return module, arguments
    try:
        from accelerate.commands.launch import (  # type: ignore[import-untyped]
            _validate_launch_command,
            launch_command_parser,
        )
        from accelerate.utils.launch import (  # type: ignore[import-untyped]
            prepare_simple_launcher_cmd_env,
        )
    except ImportError:
        # Another version of accelerate: its launcher starts a Python of its own.
        return module, arguments

    asked, _, _ = _validate_launch_command(
        launch_command_parser().parse_args(list(arguments[1:]))
    )
    if not asked.module or (asked.num_processes or 1) > 1:
        return module, arguments
    _, environment = prepare_simple_launcher_cmd_env(asked)
    os.environ.update(environment)
    return asked.training_script, asked.training_script_args


def _limit_threads(environment: Mapping[str, str]) -> None:
    """Torch has read the variable of the process that imported it."""
    torch = sys.modules.get("torch")
    with suppress(KeyError, ValueError):
        if torch is not None:
            torch.set_num_threads(int(environment["OMP_NUM_THREADS"]))
