import { testPrinted } from '../../support/printed';

describe('docs/links.md', () => {
  testPrinted('docs/links.md');
});
