"""The demo: one task, one model, every level; trained by Axolotl and compared."""
