// node packed.js FILE: prints the size of the package that `npm pack --json` has written to FILE, and fails where the package
// has something that is none of its users' business, or lacks something.
'use strict';
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');

const [{ files, size, unpackedSize }] = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const paths = files.map(({ path }) => path).sort();
const below = (directory) => paths.filter((path) => path.startsWith(`${directory}/`));

assert.deepEqual(
  paths.filter((path) => !/^(dist|docs|examples|native|prebuilds)\//.test(path)),
  [
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'lab.schema.json',
    'package.json',
  ],
);
const parts =
  'bridge doctor ethtool events lab lab-files lab-view netfilter netns-pool network nft packets process sockets star sysctl trace traffic wireguard'.split(
    ' ',
  );
assert.deepEqual(
  // a part has a hash of what is in it in its name
  below('dist').map((path) => path.replace(/\.[0-9a-f]{8}\.js$/, '.js')),
  [
    'dist/LICENSES.txt',
    'dist/cli/main.js',
    'dist/index.d.mts',
    'dist/index.d.ts',
    'dist/index.js',
    'dist/index.mjs',
    'dist/test.d.mts',
    'dist/test.d.ts',
    'dist/test.js',
    'dist/test.mjs',
    'dist/worker-preload.js',
    ...parts.map((part) => `dist/${part}.js`),
  ].sort(),
);
assert.deepEqual(
  below('native').filter((path) => !/\.(cc|c|h)$/.test(path)),
  ['native/CMakeLists.txt', 'native/binding.gyp', 'native/package.json', 'native/toolchain.js'],
);
assert.deepEqual(
  [...below('docs'), ...below('examples')].filter((path) => !/\.(md|mjs|svg|yaml)$/.test(path)),
  [],
);
const targets = new Set(below('prebuilds').map((path) => path.split('/')[1]));
assert.ok(targets.size > 0);
assert.deepEqual(
  below('prebuilds'),
  [...targets].flatMap((target) =>
    ['rtnetns-exec', 'rtnetns-sandbox', 'rtnetns.node'].map((name) => `prebuilds/${target}/${name}`),
  ),
);

console.log(
  `packed: ${size} bytes, unpacked: ${unpackedSize}, ${paths.length} files, prebuilds: ${[...targets].join(', ')}`,
);
assert.ok(size < 850_000 + targets.size * 250_000);
