#!/usr/bin/env bash
# Runs the fuzz targets one after the other, each for a given time, and writes down what came of it.
#
#   fuzz/run.sh [--built] [SECONDS [TARGET…]]   60 seconds each, and all targets, where nothing else is said;
#                                               --built runs what was built before, whatever changed since
#   fuzz/run.sh summary
#
# Each run is a line of fuzz/target/runs.tsv (moment, target, seconds, seconds of processor time, executions, crashes,
# commit); `summary` adds the lines of a target up and prints the table that docs/reliability.md shows. A crash does not end a run: its input is put
# away in fuzz/artifacts/<target>/ and the target goes on for the time that is left. Exit code 1 says that there were crashes.
#
# Needs a nightly toolchain and a C++ compiler, and neither cargo-fuzz nor sanitizers: the code under test forbids `unsafe`,
# so what is looked for is panics, overflows, assertions, endless loops and memory without bounds.
set -euo pipefail
cd "$(dirname "$0")"

log=target/runs.tsv
host=$(rustc -vV | sed -n 's/^host: //p')
built=target/$host/debug

summary() {
  [ -s "$log" ] || { echo "nothing ran yet: fuzz/run.sh [SECONDS [TARGET…]]" >&2; exit 3; }
  awk -F '\t' '
    { runs[$2]++; seconds[$2] += $3; processor[$2] += $4; executions[$2] += $5; crashes[$2] += $6 }
    END {
      print "| target | runs | seconds | of processor time | executions | crashes |"
      print "|---|---|---|---|---|---|"
      for (target in runs)
        printf "| `%s` | %d | %d | %d | %d | %d |\n", target, runs[target], seconds[target], processor[target], executions[target], crashes[target] | "sort"
    }' "$log"
}

[ "${1:-}" != summary ] || { summary; exit; }
must_build=1
[ "${1:-}" != --built ] || { must_build=; shift; }
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "$0: not a number of seconds: $seconds" >&2; exit 2; }
shift || true
known=$(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | grep -vx xtask-fuzz | sort)
[ $# -gt 0 ] || { mapfile -t all <<<"$known"; set -- "${all[@]}"; }
for target; do
  grep -qxF -- "$target" <<<"$known" || { echo "$0: no such target: $target" >&2; exit 2; }
done

if [ -n "$must_build" ]; then
  RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table --cfg fuzzing ${RUSTFLAGS:-}" \
    cargo +nightly build --quiet --target "$host" "${@/#/--bin=}"
fi
commit=$(git rev-parse --short HEAD)

for target; do
  [ -x "$built/$target" ] || { echo "$0: $target is not built: leave out --built" >&2; exit 3; }
done

# What a target begins with: files of this repository that are of its kind.
seeds() {
  local root=..
  case $1 in
    dockerfile_*|shell) find $root/xtask/testdata/dockerfile $root/apps $root/docker -name '*Dockerfile' ;;
    manifest_parse) find $root/docker $root/xtask/testdata -name docker.toml ;;
    structure_test) find $root/xtask/testdata/structure $root/docker/deploy -name '*.yaml' ;;
    deployment) find $root/docker $root/xtask/testdata -name '*.yaml' -o -name '*.yml' ;;
    dockerignore) find $root -maxdepth 3 -name '*.dockerignore' ;;
    workflow) find $root/.github -name '*.yml' ;;
    build_events) find $root/xtask/tests/fixtures/events -type f ;;
    layer) find $root/xtask/tests/fixtures -name '*.tar*' ;;
    tags) find $root/.github $root/docker -name '*.yml' -o -name docker.toml ;;
    trust|retention|trivy_report|advisory_record) find $root/xtask/testdata -name '*.json' ;;
    exposition|fleet_answers|secrets|executable) find $root/xtask/testdata/trial $root/xtask/testdata/fleet -type f ;;
  esac
}

crashed=0
for target; do
  corpus=corpus/$target
  mkdir -p "$corpus" "artifacts/$target" target/logs
  while read -r file; do
    # As libFuzzer would name it, so that nothing is there twice.
    cp "$file" "$corpus/$(sha1sum <"$file" | cut -c1-40)"
  done < <(seeds "$target")
  began=$(date +%s) executions=0 crashes=0 processor=0
  : >"target/logs/$target.log"
  while left=$((began + seconds - $(date +%s))); [ "$left" -gt 0 ]; do
    status=0
    TIMEFORMAT=%U
    { time "$built/$target" -max_total_time="$left" -print_final_stats=1 -timeout=25 -rss_limit_mb=2048 -verbosity=0 \
      -artifact_prefix="artifacts/$target/" "$corpus" >"target/logs/$target.part" 2>&1; } 2>target/logs/time || status=$?
    processor=$((processor + $(tail -n 1 target/logs/time | cut -d. -f1)))
    cat "target/logs/$target.part" >>"target/logs/$target.log"
    ran=$(sed -n 's/^stat::number_of_executed_units: *//p' "target/logs/$target.part" | tail -n 1)
    executions=$((executions + ${ran:-0}))
    [ "$status" -ne 0 ] || break
    crashes=$((crashes + 1))
    [ "$crashes" -lt 20 ] || break
  done
  rm -f "target/logs/$target.part"
  took=$(($(date +%s) - began))
  printf '%s\t%s\t%d\t%d\t%d\t%d\t%s\n' "$(date -u +%FT%TZ)" "$target" "$took" "$processor" "$executions" "$crashes" "$commit" >>"$log"
  echo "$target: $took s ($processor s of processor time), $executions executions, $crashes crashes"
  [ "$crashes" -eq 0 ] || { crashed=1; echo "  inputs: fuzz/artifacts/$target/, said: fuzz/target/logs/$target.log"; }
done
exit "$crashed"
