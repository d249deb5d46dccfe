import { testPrinted } from '../../support/printed';

describe('docs/netns-pool.md', () => {
  testPrinted('docs/netns-pool.md');
});
