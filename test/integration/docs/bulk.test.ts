import { testPrinted } from '../../support/printed';

describe('docs/bulk.md', () => {
  testPrinted('docs/bulk.md');
});
