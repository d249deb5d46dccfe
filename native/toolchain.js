'use strict';

// Before node-gyp gets to say it at length: what is missing to build the addon, and which package has it.
const { spawnSync } = require('node:child_process');

const TOOLS = [
  {
    commands: [process.env.PYTHON ?? process.env.npm_config_python ?? 'python3', 'python'],
    package: 'python3',
  },
  { commands: ['make'], package: 'make' },
  { commands: [process.env.CXX ?? 'g++', 'c++', 'clang++'], package: 'g++' },
  { commands: [process.env.CC ?? 'cc', 'gcc', 'clang'], package: 'gcc' },
];

const found = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const missing = TOOLS.filter(({ commands }) => !commands.some(found)).map((tool) => tool.package);

if (process.platform === 'linux' && missing.length > 0) {
  console.error(
    `rtnetns: to build the addon, install ${missing.join(', ')} (Debian, Ubuntu: apt-get install ${missing.join(' ')})`,
  );
  process.exit(1);
}
