import { checkInteger } from '../common/check';
import { checkObject, checkOptions, listOf, oneOf, type OptionCheck, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';

const isStatus = oneOf(['created', 'failed', 'skipped']);

const isBridge: OptionCheck = (bridge, path) => {
  checkObject(bridge, path);
  checkInteger(`${path}.index`, (bridge as { index?: unknown }).index, 1, 0x7fffffff);
};

const isMember: OptionCheck = (member, path) => {
  checkObject(member, path);
  const { status, netns } = member as { status?: unknown; netns?: unknown };
  isStatus(status, `${path}.status`);
  if (status === 'created') checkNetns(netns, `${path}.netns`);
};

const STAR = optionTable<{ bridge: unknown; members: unknown }>(
  { bridge: isBridge, members: listOf(isMember) },
  ['bridge', 'members'],
);

/**
 * What a deletion needs of a star, all of it before anything is deleted. `createStar` has made the star, and may give its
 * members more than that.
 */
export function checkStar(star: unknown): void {
  checkOptions(star, STAR, { path: 'star' });
}
