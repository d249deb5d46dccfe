import { testWith } from '../../support/capabilities';
import { WIREGUARD_XFRM } from '../../support/link-kinds/words';
import { announced, printedIn, runPrinted } from '../../support/printed';

describe('docs/wireguard.md', () => {
  for (const [i, example] of printedIn('docs/wireguard.md').entries()) {
    testWith(WIREGUARD_XFRM, `example ${i + 1} prints what its comments say`, () => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
    });
  }
});
