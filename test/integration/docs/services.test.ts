import { testPrinted } from '../../support/printed';

describe('docs/services.md', () => {
  testPrinted('docs/services.md');
});
