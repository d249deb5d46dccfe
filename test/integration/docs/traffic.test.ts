import { kernelHas, SKIPPED } from '../../support/capabilities';
import { announced, printedIn, runPrinted } from '../../support/printed';

const NETEM = 'queueing disciplines of the kind netem';

describe('docs/traffic.md', () => {
  for (const [i, example] of printedIn('docs/traffic.md').entries()) {
    const runs = !example.includes('setImpairment') || kernelHas(NETEM);
    const title = `example ${i + 1} prints what its comments say`;
    (runs ? test : test.skip)(runs ? title : `${SKIPPED}${NETEM}: ${title}`, () => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
    });
  }
});
