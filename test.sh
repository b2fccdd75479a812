#!/usr/bin/env bash
# Installs what the tests need, builds everything, runs every test, and ends with totals.
#
#   ./test.sh [--long]      --long adds soaks, fuzzing and faults
#   ./test.sh --cluster     runs an installation of many nodes alone, the long form
#   ./test.sh --faults      runs the faults alone and writes their table, docs/reliability.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

long=no only=
case ${1:-} in
  "") ;;
  --long) long=yes ;;
  --cluster) long=yes only=Cluster ;;
  --faults) long=yes only=Faults ;;
  *) echo "test.sh: unknown option $1" >&2; exit 2 ;;
esac
export LIVEROBOT_LONG_TESTS=$long

# Hundreds of short-lived hosts spend half their time on measuring their own code for a speed that they never live to see.
export DOTNET_TieredPGO=0

phase() { printf '\n\033[1m» %s\033[0m\n' "$*"; }

# --- What the tests need ---------------------------------------------------------------------------------------------

phase "Installing what the tests need"
packages=(ffmpeg fonts-dejavu-core curl openssl chromium python3-socketio-client python3-socketio docker-compose haproxy redis-server redis-tools postgresql faketime iproute2)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
for folder in web tests/Compatibility/clients; do
  npm --prefix "$folder" ci --no-audit --no-fund --silent
done

if [ -n "$only" ]; then
  npm --prefix web run --silent build
  if [ $only = Faults ]; then
    export LIVEROBOT_RELIABILITY_TABLE=docs/reliability.md
    # No row stays of a fault that is no longer tried.
    sed -i '/^<!-- faults -->$/,/^<!-- \/faults -->$/{/^|/d}' "$LIVEROBOT_RELIABILITY_TABLE"
  fi
  exec dotnet test "tests/$only" --nologo --logger "console;verbosity=detailed"
fi

passed=0 failed=0 skipped=0 broken=()
count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# --- The site, while the services are built --------------------------------------------------------------------------

npm --prefix web run --silent build
site() {
  npm --prefix web run --silent check || return
  npm --prefix web test --silent -- --reporter=default --reporter=json --outputFile.json="$reports/web.json"
}
site >"$reports/web" 2>&1 &
site=$!

phase "Building the services"
dotnet build LiveRobot.sln --nologo -v quiet

# Blanks and the order of usings. What else `dotnet format` has to say, the build has said: there it is an error.
phase "Checking the format"
dotnet format style LiveRobot.sln --no-restore --verify-no-changes --diagnostics IMPORTS || broken+=("dotnet format")

phase "Checking and testing the site"
wait "$site" || broken+=("web")
cat "$reports/web"
if [ -e "$reports/web.json" ]; then
  count $(node -p 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); `${r.numPassedTests} ${r.numFailedTests} ${r.numPendingTests}`' "$reports/web.json")
fi

# --- The services ----------------------------------------------------------------------------------------------------

# Two projects at a time: the longest spend most of their time waiting, so they come first and the others pass beside them.
test_project() {
  local report=$reports/$1
  timeout --kill-after=10 1800 dotnet test "tests/$1" --no-build --nologo >"$report" 2>&1 || echo "$1" >>"$reports/broken"
  phase "$1"
  cat "$report"
}
export -f phase test_project
export reports

projects=(EndToEnd Compatibility)
for project in tests/*/; do
  name=$(basename "$project")
  if [[ -e $project$name.csproj && $name != Testing && " ${projects[*]} " != *" $name "* ]]; then projects+=("$name"); fi
done
printf '%s\n' "${projects[@]}" | xargs -P 2 -I {} bash -c 'test_project {}'

for name in "${projects[@]}"; do
  totals=$(sed -n 's/.*Failed: *\([0-9]*\), Passed: *\([0-9]*\), Skipped: *\([0-9]*\).*/\2 \1 \3/p' "$reports/$name" | tail -n 1)
  if [ -n "$totals" ]; then count $totals; else broken+=("$name: no tests ran"); fi
done
[ ! -e "$reports/broken" ] || mapfile -t -O ${#broken[@]} broken <"$reports/broken"

# A test may fail because the machine had no time for it. Up to five of them are tried once more, alone, and are named at the end
# when they pass there; more than five, or one that fails again, have failed.
alone=()
if [ "$failed" -gt 0 ] && [ "$failed" -le 5 ]; then
  for name in $(cat "$reports/broken" 2>/dev/null); do
    tests=$(sed -n 's/^ *Failed \([A-Za-z0-9_.]*\).*/\1/p' "$reports/$name" | sort -u)
    again=$(sed -n 's/.*Failed: *\([0-9]*\), Passed.*/\1/p' "$reports/$name" | tail -n 1)
    [ -n "$tests" ] && [ -n "$again" ] || continue
    phase "$name: what failed, alone"
    filter=$(printf 'FullyQualifiedName=%s|' $tests)
    if dotnet test "tests/$name" --no-build --nologo --filter "${filter%|}" -- RunConfiguration.TreatNoTestsAsError=true; then
      count "$again" "-$again" 0
      alone+=($tests)
      for at in "${!broken[@]}"; do [ "${broken[at]}" != "$name" ] || unset "broken[at]"; done
    fi
  done
fi

# --- The containers --------------------------------------------------------------------------------------------------

phase "Checking docker-compose.yml"
docker-compose -f docker-compose.yml config -q || broken+=("docker-compose.yml")

printf '\n'
for what in "${alone[@]}"; do printf 'passed only alone: %s\n' "$what"; done
for what in "${broken[@]}"; do printf 'failed: %s\n' "$what"; done
if [ ${#broken[@]} -gt 0 ] && [ "$failed" -eq 0 ]; then failed=${#broken[@]}; fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ ${#broken[@]} -eq 0 ]
