// node capabilities.cjs: as JSON, what this kernel has of what some kernels lack, and its version.
const console = require('node:console');
const { release } = require('node:os');
const { CAPABILITIES, kernelHas } = require('../../build/kernels/js/test/support/capabilities.js');

const found = CAPABILITIES.map((capability) => [capability, kernelHas(capability)]);
console.log(JSON.stringify({ release: release(), ...Object.fromEntries(found) }));
