'use strict';

// Before node-gyp reports it at length: what is missing to build the addon, and which package has it. Then, on standard
// output, where the headers of node are, so that node-gyp need not download them: most distributions have them beside
// the program. It prints nothing where they are not.
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');

const { CC = 'cc', CXX = 'g++', npm_config_nodedir, npm_config_python, PYTHON } = process.env;

const TOOLS = [
  { commands: [PYTHON ?? npm_config_python ?? 'python3', 'python'], package: 'python3' },
  { commands: ['make'], package: 'make' },
  { commands: [CXX, 'c++', 'clang++'], package: 'g++' },
  { commands: [CC, 'gcc', 'clang'], package: 'gcc' },
];

const found = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const missing = TOOLS.filter(({ commands }) => !commands.some(found)).map((tool) => tool.package);

if (process.platform === 'linux' && missing.length > 0) {
  console.error(
    `rtnetns: to build the addon, install ${missing.join(', ')} (Debian, Ubuntu: apt-get install ${missing.join(' ')})`,
  );
  process.exit(1);
}

function hasHeaders(directory) {
  try {
    const header = readFileSync(resolve(directory, 'include/node/node_version.h'), 'utf8');
    const version = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(header)?.[1],
    );
    return version.join('.') === process.versions.node;
  } catch {
    return false;
  }
}

const beside = resolve(process.execPath, '../..');
console.log(npm_config_nodedir ?? (hasHeaders(beside) ? beside : ''));
