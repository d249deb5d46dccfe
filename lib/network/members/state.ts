import { setTimeout as pause } from 'node:timers/promises';
import { getLink } from '../../links/links';
import { ignoring } from '../../netlink/error';
import type { Netns } from '../../netns/netns';
import { isAttached, type MemberRecord, readMember } from '../table/member-records';
import { isAlive } from './life-sign';

const LOOK_AGAIN_MS = 5;

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

/** Reads a member, after waiting until no process is attaching or detaching it. Undefined where there is none. */
export async function readSettledMember(
  host: Netns,
  network: string,
  port: string,
): Promise<{ member: MemberRecord; state: Exclude<MemberState, 'changing'> } | undefined> {
  for (;;) {
    const member = await readMember(host, network, port);
    if (member === undefined) return undefined;
    const state = await memberState(host, member);
    if (state !== 'changing') return { member, state };
    await pause(LOOK_AGAIN_MS);
  }
}
