// A transformer for jest that finds each file compiled, in build/kernels/js: the compiler itself is slow in a user-mode kernel.
const { readFileSync } = require('node:fs');
const { join, relative } = require('node:path');

module.exports = {
  process: (_, path, { config: { rootDir } }) => ({
    code: readFileSync(
      join(rootDir, 'build/kernels/js', relative(rootDir, path).replace(/ts$/, 'js')),
      'utf8',
    ),
  }),
};
