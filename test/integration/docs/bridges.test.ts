import { testPrinted } from '../../support/printed';

describe('docs/bridges.md', () => {
  testPrinted('docs/bridges.md');
});
