#!/bin/sh
# Packs the package, installs it in an empty project as its users do, and uses it there by require and by import.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

cd "$project"
npm pack --silent --ignore-scripts --pack-destination . "$root" > /dev/null
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund ./rtnetns-*.tgz

run() {
  node_modules/rtnetns/build/Release/rtnetns-sandbox -- node "$@"
}

run -e "
  const { createNetns, listLinks } = require('rtnetns');
  createNetns('red').then(async (red) => console.log('require:', red.name, (await listLinks(red)).length));"
run --input-type=module -e "
  import { createNetns, listLinks } from 'rtnetns';
  const red = await createNetns('red');
  console.log('import:', red.name, (await listLinks(red)).length);"
node_modules/.bin/rtnetns --help > /dev/null
