import { Connection } from '../../../lib/netlink/connection';
import { NetlinkError } from '../../../lib/netlink/error';
import { type Message, NLM_F_DUMP } from '../../../lib/netlink/message';
import type { Request } from '../../../lib/netlink/object';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { type Answer, FakeKernel } from './fake-kernel';

/** A connection to a fake kernel, in the namespace 'red'. */
export function connect(answer?: Answer): { kernel: FakeKernel; connection: Connection } {
  const kernel = new FakeKernel(answer);
  return { kernel, connection: new Connection(kernel.transact, 'red') };
}

/** A request that is told from others by its index. */
export function change(index: number): Request<undefined> {
  return link.add({ index }, 0, { operation: 'set link', device: index });
}

export function get(index: number): Request<unknown> {
  return link.get({ index }, { operation: 'get link', device: index });
}

export function dump(): Request<unknown[]> {
  return link.dump({}, { operation: 'list links' });
}

export const indexOf = ({ from, start }: Message): number => from.view.getInt32(start + 4, true);

export const isDump = ({ flags }: Message): boolean => (flags & NLM_F_DUMP) === NLM_F_DUMP;

/** What was sent: for each datagram the indexes of its requests. */
export const sent = (kernel: FakeKernel): number[][] => kernel.packs.map((pack) => pack.map(indexOf));

export async function refused(promise: Promise<unknown>): Promise<NetlinkError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NetlinkError)) throw new Error(`expected a NetlinkError, got ${String(error)}`);
  return error;
}

export function reasonOf(result: PromiseSettledResult<unknown> | undefined): unknown {
  return result?.status === 'rejected' ? result.reason : undefined;
}
