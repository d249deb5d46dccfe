import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITIES, type Capability } from '../../support/capabilities';
import { capabilityTable } from '../../support/capability-table';

const page = readFileSync(join(__dirname, '../../../docs/kernels.md'), 'utf8');

// Debian builds no kernel with bareudp: its messages are only compared with those of `ip`, in test/golden.
const NOWHERE: readonly Capability[] = ['links of the kind bareudp'];

test('docs/kernels.md has the capabilities that tests ask for, and a kernel that has each', () => {
  const kernels = [...capabilityTable(page).values()];
  expect(kernels.length).toBeGreaterThanOrEqual(5);
  for (const kernel of kernels) expect([...kernel.keys()]).toEqual([...CAPABILITIES]);
  for (const name of CAPABILITIES) {
    const cells = kernels.map((kernel) => kernel.get(name));
    expect([name, cells.every((has) => has === 'yes' || has === 'no')]).toEqual([name, true]);
    expect([name, cells.includes('yes')]).toEqual([name, !NOWHERE.includes(name)]);
  }
});
