import { defined } from '../../common/objects';
import type { ImpairmentOptions } from '../../traffic/impairment';
import type { LinkDefinition } from '../definition';

/** A link for each pair. */
export function joined(
  pairs: readonly (readonly [string, string])[],
  impair: ImpairmentOptions | undefined,
): LinkDefinition[] {
  return pairs.map((ends) => ({ ends, ...defined({ impair }) }));
}
