import { testPrinted } from '../../support/printed';

describe('docs/not-supported.md', () => {
  testPrinted('docs/not-supported.md');
});
