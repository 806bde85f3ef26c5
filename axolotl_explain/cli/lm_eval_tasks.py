"""Where the tasks for lm-evaluation-harness are."""

from __future__ import annotations

import click


@click.command(name="lm-eval-tasks")
def lm_eval_tasks() -> None:
    """Print the folder of tasks for lm-evaluation-harness.

    \b
    lm_eval run --include_path "$(axolotl-explain lm-eval-tasks)" \\
        --tasks explain_modular_sum --metadata '{"data": "data/sums/test.jsonl"}' \\
        --model hf --model_args pretrained=outputs/run

    Tasks are explain_modular_sum, explain_listops, explain_movie_genres and
    explain_gsm8k. Metadata may also name a level, and the recipe that the model was
    trained with, whose template, answer marker and order then count.
    """
    from axolotl_explain.cli.quiet import drop_banner
    from axolotl_explain.support.shipped import PACKAGE

    drop_banner(for_programs=True)
    click.echo(PACKAGE / "lm_eval_tasks")
