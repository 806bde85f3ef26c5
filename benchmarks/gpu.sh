#!/usr/bin/env bash
# What only a card can show, within thirteen minutes on one H100; each step has minutes
# of its own and writes its own JSON, the most telling first.
#
# bash benchmarks/gpu.sh [--tiny] [FOLDER]      # FOLDER: build/gpu unless named
#
# --tiny runs the same steps on a CPU at a tiny size, within ten minutes of two cores.
# PYTHON names the interpreter; .venv's is taken where there is one. PATIENCE=3 gives
# each step three times its minutes, for a machine that has other work.
set -uo pipefail
cd "$(dirname "$0")/.."
tiny=()
if [ "${1:-}" = --tiny ]; then
    tiny=(--tiny)
    shift
fi
out=$(realpath -m "${1:-build/gpu}")
python=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}
mkdir -p "$out"
export HF_HUB_OFFLINE=1 AXOLOTL_DO_NOT_TRACK=1 PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false
failed=0

# step NAME SECONDS SECONDS_TINY MODULE [ARGUMENT ...]
step() {
    local name=$1 seconds=$2
    [ ${#tiny[@]} -gt 0 ] && seconds=$3
    seconds=$((seconds * ${PATIENCE:-1}))
    local module=$4 started=$SECONDS status=0
    shift 4
    timeout --kill-after=10 "$seconds" "$python" -m "benchmarks.$module" \
        --out "$out/$name.json" "$@" ${tiny[@]+"${tiny[@]}"} >"$out/$name.log" 2>&1 || status=$?
    echo "$name: $((SECONDS - started)) s of $seconds, ended with $status"
    if [ "$status" -ne 0 ]; then
        failed=1
        tail -n 5 "$out/$name.log"
    fi
    [ -f "$out/$name.json" ] && cat "$out/$name.json"
}

rm -f "$out"/*.json "$out"/*.log
if [ ${#tiny[@]} -gt 0 ]; then
    seconds_four_bits=30 seconds_listops=20 steps=6
else
    seconds_four_bits=25 seconds_listops=140 steps=15
fi
step four_bits 90 120 gpu_four_bits --seconds "$seconds_four_bits"
step qlora 250 280 gpu --method qlora --steps "$steps" --repeats 1
step listops 380 210 gpu_listops --seconds "$seconds_listops"
step eval 60 60 gpu_eval
exit "$failed"
