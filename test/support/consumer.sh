#!/bin/bash
# Packs the package, and installs it in an empty project as its users do: without install scripts, and with a PATH on which
# there is no compiler. Runs the README's first example there, which all together may take five seconds. Then uses the package
# by require and by import, and builds the addon from the sources in the package. It needs npm run build:prebuilds.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
cd "$project"

npm pack --silent --json --ignore-scripts --pack-destination . "$root" > pack.json
node "$root/test/support/packed.js" pack.json
"$root/node_modules/.bin/publint" run --strict rtnetns-*.tgz
"$root/node_modules/.bin/attw" --no-color --format ascii rtnetns-*.tgz
# the example of README.md that comes first, for a node that has no `await using` yet
awk '/^```$/ && inside { exit } inside; /^```ts$/ { inside = 1 }' "$root/README.md" > example.mts
"$root/node_modules/.bin/esbuild" --log-level=error --target=node20 --outfile=example.mjs example.mts
mkdir without-compiler
for program in node npm sh; do ln -s "$(command -v "$program")" without-compiler/; done

without_compiler() {
  PATH="$project/without-compiler" "$@"
}

for program in cc c++ gcc g++ clang clang++ make python python3; do
  if without_compiler command -v "$program"; then exit 1; fi
done

began=$(date +%s%N)
echo '{ "private": true }' > package.json
without_compiler npm install --ignore-scripts --no-audit --no-fund ./rtnetns-*.tgz
without_compiler node_modules/.bin/rtnetns sandbox -- node example.mjs
milliseconds=$((($(date +%s%N) - began) / 1000000))
echo "installed without a compiler, and ran the README's first example: $milliseconds ms"
((milliseconds < 5000))

run() {
  without_compiler node_modules/.bin/rtnetns sandbox -- node "$@"
}

run -e "
  const { createNetns, listLinks } = require('rtnetns');
  createNetns('red').then(async (red) => console.log('require:', red.name, (await listLinks(red)).length));"
run --input-type=module -e "
  import { createNetns, listLinks } from 'rtnetns';
  const red = await createNetns('red');
  console.log('import:', red.name, (await listLinks(red)).length);"
without_compiler node_modules/.bin/rtnetns --help > /dev/null
without_compiler node_modules/.bin/rtnetns build && exit 1

time node_modules/.bin/rtnetns build > build.log 2>&1 || { cat build.log; exit 1; }
rm -r node_modules/rtnetns/prebuilds
run -p "require('rtnetns').createNetns().then(() => console.log('built from source')); ''"
