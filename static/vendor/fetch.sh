#!/bin/sh
# Fetches the vendored files again, from npm: sh static/vendor/fetch.sh
# Exact versions, so that a second run gives the same bytes; raise one here and commit what it brings.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

unpack() { # package@version → ./package
    rm -rf package
    tar xzf "$(npm pack --silent "$1")"
}

mkdir -p "$here/fonts"

unpack htmx.org@2.0.11
cp package/dist/htmx.min.js "$here/htmx.min.js"
cp package/LICENSE "$here/htmx.LICENSE"

unpack @fontsource-variable/instrument-sans@5.3.0
cp package/files/instrument-sans-latin-wdth-normal.woff2 "$here/fonts/instrument-sans.woff2"
cp package/LICENSE "$here/fonts/instrument-sans.OFL.txt"

unpack @fontsource-variable/geist-mono@5.3.0
cp package/files/geist-mono-latin-wght-normal.woff2 "$here/fonts/geist-mono.woff2"
cp package/LICENSE "$here/fonts/geist-mono.OFL.txt"
