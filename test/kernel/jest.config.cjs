const { jest } = require('../../package.json');

const integration = jest.projects.find(({ displayName }) => displayName === 'integration');

module.exports = {
  ...integration,
  rootDir: '../..',
  roots: ['<rootDir>/lib', '<rootDir>/test'],
  transform: { '^.+\\.ts$': '<rootDir>/test/kernel/compiled.cjs' },
  // all is five to twenty times as slow there, and slower on a busy machine
  testTimeout: 600_000,
};
