import { isIP } from 'node:net';
import { currentNetns, formatTrace, type Netns, openNetns, trace, type TraceOptions } from '..';

export interface TraceFlags extends Omit<TraceOptions, 'from' | 'signal' | 'send'> {
  /** Of the namespace; this one without. */
  name: string | undefined;
  /** A name in /run/netns, or an address. */
  from: string | undefined;
  json: boolean;
}

/** Prints the way of a packet. @returns the exit code: 0 where it was accepted. */
export async function runTrace({ name, from, json, ...options }: TraceFlags): Promise<number> {
  await using host = name === undefined ? await currentNetns() : await openNetns(name);
  await using sender = await openSender(from);
  const found = await trace(host, { ...options, ...(from !== undefined && { from: sender ?? from }) });
  console.log(json ? JSON.stringify(found, null, 2) : formatTrace(found));
  return found.outcome === 'accepted' ? 0 : 1;
}

async function openSender(from: string | undefined): Promise<Netns | undefined> {
  return from === undefined || isIP(from) !== 0 ? undefined : openNetns(from);
}
