import { testPrinted } from '../../support/printed';

describe('docs/neighbours.md', () => {
  testPrinted('docs/neighbours.md');
});
