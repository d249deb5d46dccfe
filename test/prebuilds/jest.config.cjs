// npm run test:prebuilds: apart from the other tests, because it needs what npm run build:prebuilds makes, and programs
// that it downloads.
module.exports = {
  displayName: 'prebuilds',
  rootDir: '../..',
  roots: ['<rootDir>/test/prebuilds'],
  cacheDirectory: '<rootDir>/build/jest',
  transform: { '^.+\\.ts$': 'ts-jest' },
  // under qemu, node takes seconds to start
  testTimeout: 300_000,
};
