"""Keep the logs of the host out of a command's own output."""

from __future__ import annotations

import importlib
import logging
import os
import stat
import sys
import warnings


def quiet_host() -> None:
    """Show only errors of Axolotl and transformers, unless the user asks for more.

    Call it before they are imported. `AXOLOTL_LOG_LEVEL` and `LOG_LEVEL`, where set,
    have their way. No command of this package is counted by Axolotl's telemetry, unless
    `AXOLOTL_DO_NOT_TRACK=0` says so.
    """
    os.environ.setdefault("AXOLOTL_LOG_LEVEL", "ERROR")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("DATASETS_VERBOSITY", "error")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
    for name in ("torch", "torch.utils._pytree", "torchao", "bitsandbytes"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if os.environ["LOG_LEVEL"] == "ERROR":
        warnings.simplefilter("ignore")
    # Axolotl starts colorama, which would reset colours at exit through whatever stood
    # for stdout when it began: a progress bar's, which shows the reset as text.
    vars(importlib.import_module("colorama.initialise"))["atexit_done"] = True
    _quiet_loaded()


def _quiet_loaded() -> None:
    """The same where the host has read these settings before: under `axolotl explain`.

    Its handlers write to stdout, where the output of the command goes.
    """
    for name in ("", "axolotl"):
        for handler in logging.getLogger(name).handlers:
            stream = getattr(handler, "stream", None)
            if "axolotl.logging_config" in sys.modules and stream is sys.stdout:
                handler.setLevel(os.environ["AXOLOTL_LOG_LEVEL"].upper())
    if "datasets" in sys.modules and os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"]:
        sys.modules["datasets"].disable_progress_bars()


def drop_banner(for_programs: bool) -> None:
    """Take back the banner that `axolotl` prints to stdout before its commands.

    It prints and flushes it before any file of a plugin's command is imported. Where
    stdout is a file, that can be taken back. A program at the other end of a pipe has
    read it; then stderr says how to do without.

    Args:
        for_programs: whether the output is such that nothing may stand before it.
    """
    art = sys.modules.get("axolotl.cli.art")
    if not getattr(art, "HAS_PRINTED_LOGO", False):
        return
    try:
        number = sys.stdout.fileno()
        sys.stdout.flush()
        status, place = os.fstat(number), os.lseek(number, 0, os.SEEK_CUR)
    except (AttributeError, OSError, ValueError):
        status, place = None, 0
    banner = len(f"{getattr(art, 'AXOLOTL_LOGO', '')}\n".encode())
    if status and stat.S_ISREG(status.st_mode) and status.st_size == place >= banner:
        os.ftruncate(number, place - banner)
        os.lseek(number, place - banner, os.SEEK_SET)
    elif for_programs:
        print(
            "Note: axolotl has printed its banner before this output; "
            "`axolotl-explain …` instead of `axolotl explain …` prints no banner.",
            file=sys.stderr,
        )
