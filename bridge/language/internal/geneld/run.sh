#!/bin/sh
# Makes eld.gz anew, in the folder of the package language, from the release that npm has.
set -eu
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
(cd "$folder" && npm pack --silent --ignore-scripts eld@2.1.0 >/dev/null && tar xzf eld-2.1.0.tgz)
go run ./internal/geneld "$folder/package" eld.gz
