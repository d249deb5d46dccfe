import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { LabDefinition } from '../../../lib';
import { resolve } from '../../../lib/lab/resolve';
import { ROOT } from '../../support/cli';
import { testPrinted } from '../../support/printed';

describe('docs/labs.md', () => {
  testPrinted('docs/labs.md');

  test('its YAML is part of a definition', () => {
    const text = readFileSync(join(ROOT, 'docs/labs.md'), 'utf8');
    const nodes = { 'web{1..3}': {}, cache: {}, db: {} };
    const parts = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, yaml = '']) => parse(yaml) as LabDefinition,
    );
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) expect(resolve({ nodes, ...part }).latencies.length).toBeGreaterThan(0);
  });
});
