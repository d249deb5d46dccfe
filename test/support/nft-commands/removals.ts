import { nft } from '../../../lib';
import { first, marks, nets, t } from './references';

export const REMOVALS: Readonly<Record<string, nft.Operation>> = {
  'flush chain inet t first': nft.flushChain(first),
  'flush set inet t nets': nft.flushSet(nets),
  'delete chain inet t first': nft.deleteChain(first),
  'delete set inet t marks': nft.deleteSet(marks),
  'delete limit inet t slow': nft.deleteObject({ table: t, name: 'slow', type: 'limit' }),
  'delete table inet t': nft.deleteTable(t),
  'flush ruleset': nft.flushRuleset(),
};
