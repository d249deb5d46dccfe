import { testWith } from '../../support/capabilities';
import { announced, printedIn, runPrinted } from '../../support/printed';

const NETEM = 'queueing disciplines of the kind netem';
const FILTERS =
  'filters of the kinds matchall, flower and fw, and the actions gact, police, skbedit and vlan';
const TEMPLATES = 'templates of chains of filters';

describe('docs/traffic.md', () => {
  for (const [i, example] of printedIn('docs/traffic.md').entries()) {
    const filters = example.includes('template') ? TEMPLATES : FILTERS;
    const needed = example.includes('addFilter') ? filters : NETEM;
    const needs = /setImpairment|addFilter/.test(example) ? needed : undefined;
    testWith(needs, `example ${i + 1} prints what its comments say`, () => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
    });
  }
});
