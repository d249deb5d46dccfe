import { testPrinted } from '../../support/printed';

describe('docs/labs.md', () => {
  testPrinted('docs/labs.md');
});
