#!/usr/bin/env bash
# Ends with 0 when the service in this container answers that it is alive.
exec 3<>"/dev/tcp/127.0.0.1/${HEALTHY_PORT:?}"
printf 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
grep -q '^HTTP/1.. 200 ' <&3
