"""Inside Axolotl: dataset entries -> tokenised rows, and what runs beside a trainer.

May import Axolotl, torch, transformers and datasets, and all floors below. Begin with
`strategy.py` (what Axolotl calls) and `batches.py` (rows -> columns of ids).
"""
