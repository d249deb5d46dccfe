import { testPrinted } from '../../support/printed';

describe('docs/routes.md', () => {
  testPrinted('docs/routes.md');
});
