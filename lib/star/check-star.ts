import { checkInteger } from '../common/check';
import { checkObject, checkOptions, listOf, oneOf, type OptionCheck, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';

const isStatus = oneOf(['created', 'failed', 'skipped']);

/** Of a device that was made, whose index cannot be 1, that of lo. */
const hasIndex: OptionCheck = (device, path) => {
  checkObject(device, path);
  checkInteger(`${path}.index`, (device as { index?: unknown }).index, 2, 0x7fffffff);
};

const isMember: OptionCheck = (member, path) => {
  checkObject(member, path);
  const { status, netns, port } = member as Record<string, unknown>;
  isStatus(status, `${path}.status`);
  if (status !== 'created') return;
  checkNetns(netns, `${path}.netns`);
  hasIndex(port, `${path}.port`);
};

const STAR = optionTable<{ bridge: unknown; members: unknown }>(
  { bridge: hasIndex, members: listOf(isMember) },
  ['bridge', 'members'],
);

/**
 * What a deletion needs of a star, all of it before anything is deleted. `createStar` has made the star, and may give its
 * members more than that.
 */
export function checkStar(star: unknown): void {
  checkOptions(star, STAR, { path: 'star' });
}
