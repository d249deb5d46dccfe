import { testPrinted } from '../../support/printed';

describe('docs/egress.md', () => {
  testPrinted('docs/egress.md');
});
