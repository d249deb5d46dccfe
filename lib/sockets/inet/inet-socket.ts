import {
  AF_UNIX,
  IPV6_V6ONLY,
  IP_BIND_ADDRESS_NO_PORT,
  IP_FREEBIND,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SO_BINDTOIFINDEX,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
} from '../../addon/socket-constants';
import { AF, type Family } from '../../common/check';
import { type Device, indexOf } from '../../netns/device';
import type { SocketOption, SocketSpec } from '../../addon/native';
import type { Netns } from '../../netns/netns';
import type { Asked } from '../../netns/netns-error';

const TYPES = { stream: SOCK_STREAM, datagram: SOCK_DGRAM } as const;

/** An option of a socket: on, off, a size, or undefined to leave it as it is. */
type Setting = boolean | number | undefined;

const SETTINGS = {
  reuseAddr: [SOL_SOCKET, SO_REUSEADDR],
  reusePort: [SOL_SOCKET, SO_REUSEPORT],
  broadcast: [SOL_SOCKET, SO_BROADCAST],
  recvBufferSize: [SOL_SOCKET, SO_RCVBUF],
  sendBufferSize: [SOL_SOCKET, SO_SNDBUF],
  device: [SOL_SOCKET, SO_BINDTOIFINDEX],
  ipv6Only: [SOL_IPV6, IPV6_V6ONLY],
  /** To an address that is still to come. */
  freeBind: [SOL_IP, IP_FREEBIND],
  lateLocalPort: [SOL_IP, IP_BIND_ADDRESS_NO_PORT],
} as const;

export type Settings = Partial<Record<keyof typeof SETTINGS, Setting>>;

/** A TCP or UDP socket. */
export function inetSocket(family: Family, type: keyof typeof TYPES, settings: Settings): SocketSpec {
  const options = Object.entries(SETTINGS).flatMap(([name, [level, option]]): SocketOption[] => {
    const setting = settings[name as keyof Settings];
    return setting === undefined ? [] : [[level, option, Number(setting), true]];
  });
  return { domain: AF[family], type: TYPES[type], protocol: 0, options };
}

export const unixSocket: SocketSpec = { domain: AF_UNIX, type: TYPES.stream, protocol: 0, options: [] };

/** Its index, for the setting. */
export async function deviceSetting(
  netns: Netns,
  device: Device | undefined,
  asked: Asked,
): Promise<Pick<Settings, 'device'>> {
  return device === undefined ? {} : { device: await indexOf(netns, device, asked) };
}
