// A transformer for jest that finds each file compiled, in build/kernels/js: the compiler itself is slow in a user-mode kernel.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join, relative } = require('node:path');

const compiled = (path, { config: { rootDir } }) =>
  readFileSync(join(rootDir, 'build/kernels/js', relative(rootDir, path).replace(/ts$/, 'js')), 'utf8');

module.exports = {
  process: (_, path, options) => ({ code: compiled(path, options) }),
  getCacheKey: (_, path, options) => createHash('sha256').update(compiled(path, options)).digest('hex'),
};
