import { ignoring } from '../../netlink/error';
import type { Netns } from '../../netns/netns';
import { findTable, listElements } from '../../nft/list';
import type { Nat, NatPort } from './behavior';
import { NAT_TABLE, PUBLISHED } from './nat-rules';
import { readNatText } from './nat-text';

/** The NAT that a router has; undefined where there is none, or a table that no lab has made. */
export async function readNat(netns: Netns): Promise<Nat | undefined> {
  const table = await findTable(netns, NAT_TABLE);
  const nat = readNatText(table?.comment ?? '');
  if (nat === undefined) return undefined;
  const elements = await listElements(netns, PUBLISHED).catch(ignoring('ENOENT'));
  const published = (elements ?? []).map(({ key, value }): NatPort => {
    const [protocol, port] = key as ['tcp' | 'udp', number];
    const [addr, toPort] = value as [string, number];
    return { protocol, port, addr, toPort };
  });
  return { ...nat, published };
}
