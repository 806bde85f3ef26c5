"""Keep the logs of the host out of a command's own output."""

from __future__ import annotations

import logging
import os
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
