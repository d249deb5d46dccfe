import { testPrinted } from '../../support/printed';

describe('docs/ethtool.md', () => {
  testPrinted('docs/ethtool.md');
});
