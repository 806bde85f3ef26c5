"""Axolotl's training command for several processes on a CPU, run by torchrun.

`accelerate launch --cpu` starts one process, whatever --num_processes says, and Axolotl
gives each of several processes a GPU of its own. This gives them the CPU; nothing else
differs from `axolotl.cli.train`.
"""

from __future__ import annotations

import sys
from typing import Any

from axolotl.cli.train import do_cli
from axolotl.loaders.model import ModelLoader

with_gpus = ModelLoader._set_device_map_config


def on_cpu(self: Any) -> None:
    with_gpus(self)
    self.model_kwargs["device_map"] = {"": "cpu"}


if __name__ == "__main__":
    ModelLoader._set_device_map_config = on_cpu
    do_cli(sys.argv[1])
