import type { nft } from '../../../lib';
import { ELEMENTS } from './elements';
import { OBJECTS } from './objects';
import { REMOVALS } from './removals';
import { RULES } from './rules';

// Commands of nft (test/golden/commands.mjs), and what we call them: the same transactions, so the same bytes, and the
// same ruleset when nft prints it.

export const OPERATIONS: Readonly<Record<string, nft.Operation>> = {
  ...OBJECTS,
  ...ELEMENTS,
  ...RULES,
  ...REMOVALS,
};
