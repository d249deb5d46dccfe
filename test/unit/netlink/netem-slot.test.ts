import { netem } from '../../../lib/netlink/rtnetlink/qdiscs/netem';
import { distributionTable } from '../../../lib/netlink/rtnetlink/qdiscs/netem-distribution';

describe('slots of netem', () => {
  test.each([
    [{ delay: 5, jitter: 1 }, 'uniform'],
    [{ delay: 5, jitter: 1, distribution: 'normal' }, 'normal'],
    [{ minDelay: 5 }, undefined],
  ] as const)('%j has the table %s', (slot, table) => {
    const { slotDistribution } = netem.toData(netem.filled?.({ slot }) ?? {}) ?? {};
    expect(slotDistribution).toEqual(table && distributionTable(table));
  });
});
