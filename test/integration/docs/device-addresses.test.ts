import { testPrinted } from '../../support/printed';

describe('docs/device-addresses.md', () => {
  testPrinted('docs/device-addresses.md');
});
