#!/bin/sh
# same_bits.sh PROGRAM DIR [OPTION...]: runs PROGRAM with 1, 2, 3 and 5 threads; its outputs, in DIR, must be the same.
program=$1 dir=$2
shift 2
for threads in 1 2 3 5; do
  "$program" --threads $threads --output-dir "$dir/$threads" "$@" || exit 1
  diff -r "$dir/1" "$dir/$threads" || exit 1
done
