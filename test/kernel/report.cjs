// node report.cjs RESULTS: what became of the tests on another kernel. RESULTS is a folder of what jest writes, a file for each file
// of tests, and of capabilities.json; its name is the kernel's in docs/kernels.md. Exits with 1 where a test failed, where a file
// did not run, or where the page says something else of the kernel.
const console = require('node:console');
const process = require('node:process');
const { readdirSync, readFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { capabilityTable } = require('../../build/kernels/js/test/support/capability-table.js');

const SKIPPED = /this kernel lacks: (.+?): (.*)$/;

const [, , folder] = process.argv;
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const names = readdirSync(folder);
const runs = names.filter((name) => /^\d+\.json$/.test(name)).map(read);
const suites = runs.flatMap(({ testResults }) => testResults);
const tests = suites.flatMap(({ assertionResults }) => assertionResults);
const by = (status) => tests.filter((test) => test.status === status);
const broken = suites.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);

for (const { fullName } of by('failed')) console.log(`failed   ${fullName}`);
for (const { name } of broken) console.log(`failed   ${name}, as a whole`);

const skipped = by('pending').map(
  ({ fullName }) => SKIPPED.exec(fullName) ?? [fullName, '(nothing that is named)', fullName],
);
const { release, ...capabilities } = names.includes('capabilities.json') ? read('capabilities.json') : {};
const documented = capabilityTable(readFileSync('docs/kernels.md', 'utf8')).get(basename(folder));
const isWhole = !process.env.KERNEL_WITHOUT;
let wrong = 0;
for (const [capability, has] of Object.entries(capabilities)) {
  console.log(`${has ? 'has     ' : 'lacks   '} ${capability}`);
  const said = documented?.get(capability);
  if (isWhole && said !== (has ? 'yes' : 'no')) {
    wrong += 1;
    console.log(`           docs/kernels.md says: ${said}`);
  }
  for (const [, of, title] of skipped) if (of === capability) console.log(`           skipped: ${title}`);
}
for (const [, of, title] of skipped) if (!(of in capabilities)) console.log(`skipped  ${title}: ${of}`);

const [passed, failed] = [by('passed').length, by('failed').length + broken.length];
console.log(
  `Linux ${release ?? '(it did not end)'}: ${passed} passed, ${failed} failed, ${skipped.length} skipped, in ${suites.length} files`,
);
process.exitCode = failed > 0 || wrong > 0 || passed === 0 || release === undefined ? 1 : 0;
