"""Run Axolotl's training in one of several processes on a CPU.

With several processes Axolotl puts each model on the card of its rank, whatever
`accelerate launch --cpu` says; here they all stay on the CPU.
"""

from __future__ import annotations

import sys
from typing import Any

from axolotl.cli.train import do_cli
from axolotl.loaders.model import ModelLoader

plain = ModelLoader._set_device_map_config


def on_cpu(loader: Any) -> None:
    plain(loader)
    loader.model_kwargs["device_map"] = {"": "cpu"}


if __name__ == "__main__":
    ModelLoader._set_device_map_config = on_cpu
    do_cli(sys.argv[1])
