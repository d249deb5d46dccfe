import { testPrinted } from '../../support/printed';

describe('docs/rules.md', () => {
  testPrinted('docs/rules.md');
});
