import { setTimeout as pause } from 'node:timers/promises';
import { getLink } from '../../links/links';
import { ignoring } from '../../netlink/error';
import type { Netns } from '../../netns/netns';
import { NetworkError } from '../network-error';
import { isAttached, type MemberRecord, readMember } from '../table/member-records';
import { isAlive, ownerWords } from './life-sign';

const LOOK_AGAIN_MS = 5;

/** An attachment takes milliseconds, even of many members at once a few seconds: a process that takes longer is stopped. */
const PATIENCE_MS = 10_000;

/**
 * 'changing': a process that lives is attaching or detaching the member. 'gone': its namespace was deleted, or the
 * process that attached or detached it crashed before it was done.
 */
export type MemberState = 'attached' | 'changing' | 'gone';

export async function memberState(host: Netns, { network, port, state }: MemberRecord): Promise<MemberState> {
  if (!isAttached(state)) return (await isAlive(host, state)) ? 'changing' : 'gone';
  const [bridge, link] = await Promise.all(
    [network, port].map(async (device) => getLink(host, device).catch(ignoring('ENODEV'))),
  );
  // A port without its bridge counts as gone, because the bridge is deleted first when a network is removed.
  return bridge !== undefined && link?.master === bridge.index ? 'attached' : 'gone';
}

/**
 * Reads a member, after waiting until no process is attaching or detaching it. Undefined where there is none.
 *
 * @throws {@link NetworkError} ETIMEDOUT, where one and the same process does so for ten seconds.
 */
export async function readSettledMember(
  host: Netns,
  network: string,
  port: string,
): Promise<{ member: MemberRecord; state: Exclude<MemberState, 'changing'> } | undefined> {
  let [since, holder] = [Date.now(), 0];
  for (;;) {
    const member = await readMember(host, network, port);
    if (member === undefined) return undefined;
    const state = await memberState(host, member);
    if (state !== 'changing') return { member, state };
    if (member.state !== holder) [since, holder] = [Date.now(), member.state];
    if (Date.now() - since > PATIENCE_MS) throw await stuck(host, member);
    await pause(LOOK_AGAIN_MS);
  }
}

async function stuck(host: Netns, { network, port, state }: MemberRecord): Promise<NetworkError> {
  const who = await ownerWords(host, state);
  const reason = `${who} has been attaching or detaching the member ${port} for too long: let it go on, or end it`;
  return new NetworkError({ code: 'ETIMEDOUT', operation: 'wait for a member of', network, reason });
}
