#!/usr/bin/env bash
# Builds and starts LiveRobot on this machine: every service in one process, and a demo robot.
#
#   ./run.sh [--no-demo] [--data DIR]
#
# Ports are set by environment variables: Ports__Api=8080 Ports__ApiTls=8443 Ports__User=8000 Ports__Control=8021
# Ports__Status=8022 Ports__Chat=8023 Ports__Video=8082 Ports__Audio=8083
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
started_in=$PWD
cd "$home"

demo=yes
data=$home/data
while [ $# -gt 0 ]; do
  case $1 in
    --no-demo) demo=no ;;
    --data)
      [ $# -ge 2 ] || { echo "run.sh: --data needs a folder" >&2; exit 2; }
      case $2 in /*) data=$2 ;; *) data=$started_in/$2 ;; esac
      shift ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

phase() { printf '\033[1m» %s\033[0m\n' "$*"; }
die() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

# --- Tools -----------------------------------------------------------------------------------------------------------

phase "Checking tools"
command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: install it, then run this again"
case $(dotnet --version) in 1[0-9].*) ;; *) die "the .NET 10 SDK is needed, but $(dotnet --version) is installed" ;; esac
command -v node >/dev/null && command -v npm >/dev/null || die "Node.js 20 with npm is missing: install it, then run this again"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || die "Node.js 20 is needed, but $(node --version) is installed"

missing=()
command -v ffmpeg >/dev/null || missing+=(ffmpeg)
command -v curl >/dev/null || missing+=(curl)
command -v openssl >/dev/null || missing+=(openssl)
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf ] || missing+=(fonts-dejavu-core)
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || die "please install: ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "please install as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  phase "Installing ${missing[*]}"
  { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; } || die "apt-get could not install ${missing[*]}"
fi

# --- Ports -----------------------------------------------------------------------------------------------------------

api_port=${Ports__Api:-8080}
tls_port=${Ports__ApiTls:-8443}
status_port=${Ports__Status:-8022}
ports=("$api_port" "$tls_port" "${Ports__User:-8000}" "${Ports__Control:-8021}" "$status_port" \
  "${Ports__Chat:-8023}" "${Ports__Video:-8082}" "${Ports__Audio:-8083}")
for port in "${ports[@]}"; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port is in use by another program: stop it, or choose other ports (see --help)"
  fi
done

# --- Build -----------------------------------------------------------------------------------------------------------

# Runs a build unless nothing that it reads is newer than its last success.
build_unless_fresh() { # stamp, label, sources..., --, command...
  local stamp=artifacts/run/$1 label=$2 sources=()
  shift 2
  while [ "$1" != -- ]; do sources+=("$1"); shift; done
  shift
  if [ -e "$stamp" ] && [ -z "$(find "${sources[@]}" \( -name node_modules -o -name dist \) -prune -o -type f -newer "$stamp" -print -quit)" ]; then
    return
  fi
  phase "$label"
  mkdir -p artifacts/run
  # What is changed during the build is newer than this, and is built the next time.
  touch "$stamp.begun"
  "$@" >"$stamp.log" 2>&1 || { tail -n 30 "$stamp.log" >&2; die "this build failed (whole log: $stamp.log)"; }
  mv "$stamp.begun" "$stamp"
}

build_site() { npm --prefix web ci --no-audit --no-fund && npm --prefix web run build; }
build_server() {
  dotnet build src/LiveRobot -c Release --nologo -v quiet && dotnet build src/RobotClient -c Release --nologo -v quiet
}
[ -d web/dist ] || rm -f artifacts/run/site
build_unless_fresh site "Building the site" web -- build_site
build_unless_fresh server "Building the services and the robot client" src Directory.Build.props Directory.Packages.props -- build_server

# --- Certificate -----------------------------------------------------------------------------------------------------

mkdir -p "$data"
(umask 077 && scripts/make-certificate.sh "$data/tls")

# --- Start -----------------------------------------------------------------------------------------------------------

children=()
cleanup() {
  trap - INT TERM EXIT
  local child
  for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null || true; done
  for _ in $(seq 50); do
    local alive=no
    for child in "${children[@]}"; do if kill -0 "$child" 2>/dev/null; then alive=yes; fi; done
    [ $alive = yes ] || break
    sleep 0.1
  done
  for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null || true; done
}
trap cleanup EXIT
trap 'echo; phase "Stopping"; exit 130' INT
trap 'exit 143' TERM

phase "Starting the services"
# The code is shown here and not left in the services' log.
export Accounts__PrintAdministratorCode=false
code=$(dotnet artifacts/bin/LiveRobot/release/LiveRobot.dll accounts code --data "$data") || die "the data in $data cannot be read"
export Tls__CertificatePath=${Tls__CertificatePath:-$data/tls/server.pem}
export Tls__KeyPath=${Tls__KeyPath:-$data/tls/server.key}
dotnet artifacts/bin/LiveRobot/release/LiveRobot.dll --data "$data" --site web/dist >"$data/liverobot.log" 2>&1 &
server=$!
children+=("$server")

# Keeps the demo robot running: its end is no reason to end the services of other robots.
demo_robot() {
  local client=
  trap 'kill -TERM "$client" 2>/dev/null; wait "$client" 2>/dev/null; exit 0' TERM
  trap - INT EXIT
  while true; do
    dotnet artifacts/bin/RobotClient/release/RobotClient.dll --demo --server "http://localhost:$api_port" --status-port "$status_port" \
      > >(sed -u 's/^/  robot: /') 2>>"$data/demo-robot.log" &
    client=$!
    wait "$client" 2>/dev/null || true
    echo "  The demo robot has ended (log: $data/demo-robot.log); starting it again."
    sleep 1
  done
}

answers() { curl -fsS -m 2 -o /dev/null "$1" 2>/dev/null; }
for port in "${ports[@]}"; do
  until answers "http://localhost:$port/healthz"; do
    kill -0 "$server" 2>/dev/null || { tail -n 5 "$data/liverobot.log" >&2; die "the services have ended (whole log: $data/liverobot.log)"; }
    sleep 0.1
  done
done
answers "http://localhost:$api_port/" || die "the site does not answer"

if [ $demo = yes ]; then
  phase "Starting the demo robot"
  credentials=$data/demo-robot.json
  if [ ! -s "$credentials" ]; then
    (umask 077 && dotnet artifacts/bin/LiveRobot/release/LiveRobot.dll robots add "Demo Robot" --owner demo --json --data "$data" >"$credentials.new" && mv "$credentials.new" "$credentials")
  fi
  field() { node -p "JSON.parse(require('fs').readFileSync(process.argv[1]))[process.argv[2]]" "$credentials" "$1"; }
  handle=$(field handle)
  export LIVEROBOT_ROBOT_ID LIVEROBOT_STREAM_KEY LIVEROBOT_CAMERA_ID
  LIVEROBOT_ROBOT_ID=$(field robot_id) LIVEROBOT_STREAM_KEY=$(field stream_key) LIVEROBOT_CAMERA_ID=$(field camera_id)
  : >"$data/demo-robot.log"
  demo_robot &
  children+=("$!")
  until curl -fsS -m 2 "http://localhost:$api_port/api/v1/robots/$handle" 2>/dev/null | grep -q '"video":"flowing"'; do
    kill -0 "$server" 2>/dev/null || die "the services have ended (log: $data/liverobot.log)"
    sleep 0.1
  done
fi

printf '\n\033[1;32mLiveRobot is ready: http://localhost:%s\033[0m\n' "$api_port"
[ $demo = yes ] && printf '  the demo robot: http://localhost:%s/robot/%s\n' "$api_port" "$handle"
printf '  with TLS:       https://localhost:%s   (CA certificate: %s)\n' "$tls_port" "$data/tls/ca.pem"
[ -z "$code" ] || printf '  administrator:  sign up at http://localhost:%s/sign-up?code=%s\n' "$api_port" "$code"
printf '  Ctrl-C ends it.\n\n'

wait "$server" || true
die "the services have ended (log: $data/liverobot.log)"
