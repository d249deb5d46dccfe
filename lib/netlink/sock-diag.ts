import { AF } from '../common/check';
import { ipv4Text, ipv6Text, isIpv4Mapped } from '../common/ip-text';
import { attributes, headed } from './attributes';
import { be16, bytes, u32, u8 } from './codec';
import type { Attempt } from './error';
import { encode, NLM_F_DUMP, NLM_F_REQUEST } from './message';
import type { Request } from './object';
import { struct } from './struct';

// The kernel's list of sockets: sock_diag(7), linux/inet_diag.h.

export const SOCK_DIAG_BY_FAMILY = 20;

const AF_UNIX = 1;

/** struct inet_diag_sockid. Of the 16 bytes of an address, IPv4 has the first four. */
const sockid = struct([
  ['port', be16, 2],
  ['peerPort', be16, 2],
  ['address', bytes, 16],
  ['peerAddress', bytes, 16],
  ['device', u32, 4],
  8,
]);

/** struct inet_diag_req_v2 */
export const diagQuery = headed(
  struct([['family', u8, 1], ['protocol', u8, 1], ['extensions', u8, 1], 1, ['states', u32, 4], 48]),
  attributes({}),
);

/** struct inet_diag_msg */
export const diagAnswer = struct([
  ['family', u8, 1],
  ['state', u8, 1],
  2,
  ['id', sockid, 48],
  ['expires', u32, 4],
  ['receiveQueue', u32, 4],
  ['sendQueue', u32, 4],
  ['uid', u32, 4],
  ['inode', u32, 4],
]);

export interface LocalEnd {
  address: string;
  port: number;
}

/** The local ends of all sockets that are in one of these states, a bit for each: linux/tcp_states.h. */
export function localEnds(
  selection: { family: number; protocol: number; states: number },
  attempt: Attempt,
): Request<LocalEnd[]> {
  return {
    bytes: encode(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, diagQuery, {
      ...selection,
      extensions: 0,
    }),
    attempt,
    dump: true,
    replies: true,
    codec: diagQuery,
    parse: (replies) =>
      Array.from(replies, ({ from, start, end }) => {
        const { id } = diagAnswer.read(from, start, end);
        return { address: addressText(id.address, selection.family === AF[4]), port: id.port };
      }),
  };
}

/** An IPv4 address of an IPv6 socket ('::ffff:10.0.0.1') is returned as IPv4. */
function addressText(bytes: Uint8Array, isIpv4: boolean): string {
  if (isIpv4) return ipv4Text(bytes, 0);
  const text = ipv6Text(bytes, 0);
  return isIpv4Mapped(text) ? ipv4Text(bytes, 12) : text;
}

const UDIAG_SHOW_NAME = 0x01;
const UDIAG_SHOW_UID = 0x40;

/** struct unix_diag_req: linux/unix_diag.h */
const unixQuery = headed(
  struct([['family', u8, 1], 3, ['states', u32, 4], ['inode', u32, 4], ['show', u32, 4], 8]),
  attributes({}),
);

/** struct unix_diag_msg */
const unixAnswer = headed(
  struct([['family', u8, 1], 3, ['inode', u32, 4], 8]),
  attributes({
    name: [0, bytes], // UNIX_DIAG_NAME
    uid: [7, u32], // UNIX_DIAG_UID
  }),
);

export interface UnixSocket {
  /** As the kernel has it: the name of an abstract one begins with NUL. */
  name: string;
  /** Undefined before 5.3. */
  uid: number | undefined;
  inode: number;
}

/** The Unix sockets that are bound to a name. */
export function unixSockets(attempt: Attempt): Request<UnixSocket[]> {
  const query = { family: AF_UNIX, states: 0xffffffff, inode: 0, show: UDIAG_SHOW_NAME | UDIAG_SHOW_UID };
  return {
    bytes: encode(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, unixQuery, query),
    attempt,
    dump: true,
    replies: true,
    codec: unixQuery,
    parse: (replies) =>
      [...replies].flatMap(({ from, start, end }) => {
        const { name, uid, inode } = unixAnswer.read(from, start, end);
        return name === undefined ? [] : [{ name: Buffer.from(name).toString('latin1'), uid, inode }];
      }),
  };
}
