#!/usr/bin/env bash
# Makes a small certificate authority and a server certificate signed by it, in the folder given.
# Nothing is made again while the certificate names this machine's names and addresses and is valid for another week.
#
#   scripts/make-certificate.sh FOLDER
#
# FOLDER/ca.pem is what robots and browsers may trust; ca.key and server.key stay here.
set -euo pipefail
folder=${1:?the folder is missing}
mkdir -p "$folder"
cd "$folder"

# The names that existing clients have built in stand beside this machine's own.
names="DNS:localhost,DNS:$(hostname),DNS:letsrobot.tv,DNS:api.letsrobot.tv,DNS:runmyrobot.com,IP:127.0.0.1,IP:::1"
for address in $(hostname -I 2>/dev/null || true); do names+=",IP:$address"; done

if [ -s server.pem ] && [ "$(cat names 2>/dev/null)" = "$names" ] && openssl x509 -in server.pem -noout -checkend 604800 >/dev/null; then
  exit 0
fi

quietly() { "$@" 2>openssl.log || { cat openssl.log >&2; exit 1; }; }
if [ ! -s ca.pem ]; then
  quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout ca.key -out ca.pem \
    -subj "/CN=LiveRobot on $(hostname)" -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign
fi
quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj "/CN=LiveRobot"
printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' "$names" >extensions
quietly openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -extfile extensions -out own.pem
cat own.pem ca.pem >server.pem
rm -f server.csr extensions own.pem openssl.log
printf '%s' "$names" >names
