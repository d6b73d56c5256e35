#!/bin/sh
# Fetches plotly.js: the basic bundle (bars, lines, pies), a quarter of the whole. Run it after changing VERSION.
set -eu
VERSION=4.1.1
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
npm pack --silent --pack-destination "$scratch" "plotly.js-basic-dist-min@$VERSION" >/dev/null
tar -xzf "$scratch/plotly.js-basic-dist-min-$VERSION.tgz" -C "$scratch"
cp "$scratch/package/plotly-basic.min.js" plotly-basic.min.js
cp "$scratch/package/LICENSE" plotly.LICENSE
# The digest of what was reviewed; a mismatch means that this version is not the one in the repository.
sha256sum --check plotly.sha256
