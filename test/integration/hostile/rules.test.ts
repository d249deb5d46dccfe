import { createNetns, nft } from '../../../lib';
import { bounded } from '../../support/bounded';
import { makeRules } from '../../support/tenant-rules';

describe('nft.formatRule', () => {
  test('random rules that the kernel has taken are listed and printed', async () => {
    const seed = String(Date.now());
    console.info(`seed ${seed}`);
    await using tenant = await createNetns();
    const taken = await makeRules(tenant, 'fuzz', seed, '300');
    expect(taken).toBeGreaterThan(30);
    const { rules, sets } = await nft.listRuleset(tenant);
    expect(rules).toHaveLength(taken);
    for (const rule of rules) {
      expect(bounded(() => nft.formatRule(rule, { sets }))).not.toContain('undefined');
      expect(bounded(() => nft.formatRule(rule))).not.toContain('undefined');
    }
  });
});
