#!/bin/sh
# Measures src/SocketIO beside the reference server, each on the first core, the load on the second; prints a table.
# Usage: benchmarks/socketio/run.sh [runs] [scenario,scenario]      Needs two cores, node and npm, and some minutes.
set -eu
cd "$(dirname "$0")"
dotnet build Server -c Release --nologo -v quiet
dotnet build Load -c Release --nologo -v quiet
(cd reference && npm ci --no-audit --no-fund --silent)
artifacts=../../artifacts/bin
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
exec taskset -c 1 dotnet $artifacts/SocketIOBenchmarkLoad/release/SocketIOBenchmarkLoad.dll \
  $artifacts/SocketIOBenchmarkServer/release/SocketIOBenchmarkServer.dll reference/server.js "$@"
