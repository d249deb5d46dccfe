import type { Family } from '../common/check';
import type { Netns } from '../netns/netns';
import { announce } from './members/announce';
import type { NetworkContext } from './members/context';
import type { SysctlChange } from './create';
import { checkDns, type DnsOptions } from './dns-options';
import { type NetworkDns, startDns } from './dns/serve';
import { inspectNetwork, type NetworkInfo } from './inspect';
import { attachMember, detachMember, type NetworkMember } from './members/member';
import { type AttachOptions, checkAttach, checkPorts } from './members/member-options';
import { type MemberRecord, readMembers } from './table/member-records';
import { NetworkError } from './network-error';
import { portName } from './options';
import type { PublishOptions } from './table/published-ports';
import { notMember, publishMore, unpublish } from './members/publishing';
import { removeNetwork } from './remove';
import { repairMembers } from './members/repair';

export type { BridgeNetworkOptions } from './options';
export type { AttachOptions } from './members/member-options';
export type { NetworkMember } from './members/member';
export type { PortOrRange, PublishedPort, PublishOptions, PublishProtocol } from './table/published-ports';
export type { NetworkInfo, NetworkMemberInfo } from './inspect';
export type { SysctlChange } from './create';
export type { DnsOptions } from './dns-options';
export type { NetworkDns } from './dns/serve';

/** Which of a namespace's devices; 'eth0' by default. */
export interface MemberDevice {
  name?: string | undefined;
}

/**
 * A network of namespaces around a bridge, as `createBridgeNetwork` makes it. The object is a process's own hold on it:
 * the network itself is in the kernel, for as long as its namespace, and others may have objects of the same.
 */
export class BridgeNetwork implements AsyncDisposable {
  /** What was changed of the host to let packets pass. It stays so when the network is removed. */
  readonly sysctls: readonly SysctlChange[];
  /** Whether the network was there before. */
  readonly found: boolean;

  readonly #context: NetworkContext;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #announcements = new Map<string, () => void>();
  #closed = false;
  #dns: NetworkDns | undefined;

  /** @internal */
  constructor(context: NetworkContext, { found, sysctls }: { found: boolean; sysctls: SysctlChange[] }) {
    this.#context = context;
    this.found = found;
    this.sysctls = sysctls;
  }

  /** Its name, and its bridge's. */
  get name(): string {
    return this.#context.plan.name;
  }

  /** Bytes. */
  get mtu(): number {
    return this.#context.mtu;
  }

  /** The bridge's address, and so the members' way out. */
  get gateways(): Partial<Record<Family, string>> {
    return Object.fromEntries(this.#context.plan.subnets.map(({ family, gateway }) => [family, gateway]));
  }

  /** Its resolver, where this object serves one. */
  get dns(): NetworkDns | undefined {
    return this.#dns;
  }

  /**
   * Joins a namespace to the network: a device in it, with an address of each family, default routes by the gateway, and
   * published ports. A member that is attached already is told as it is, with ports published that are not yet.
   *
   * @throws {@link NetworkError} EADDRINUSE for a host port or an address in use; ERR_SUBNET_FULL; ERR_MEMBER_EXISTS
   * for one that is attached with other options; ERR_NETWORK_REMOVED; ERR_NETWORK_INTERNAL for ports of an internal network.
   * {@link NetlinkError} EEXIST where the namespace has a device of that name. If it fails, nothing of it is left.
   */
  async attach(netns: Netns, options: AttachOptions = {}): Promise<NetworkMember> {
    const context = this.#open('attach to');
    const plan = checkAttach(options, context.plan.subnets);
    const port = this.#portOf(netns, plan.device);
    const member = await this.#inTurn(port, async () => {
      context.busy.add(port);
      try {
        return await attachMember(context, netns, port, plan);
      } finally {
        context.busy.delete(port);
      }
    });
    if (!member.found && !this.#closed) await this.#announce(netns, member);
    return member;
  }

  /**
   * Takes a namespace off the network again: its device, its address, its published ports, and the connections that came
   * by them.
   *
   * @returns whether it was a member.
   */
  async detach(netns: Netns, { name = 'eth0' }: MemberDevice = {}): Promise<boolean> {
    const context = this.#open('detach from');
    const port = this.#portOf(netns, name);
    return this.#inTurn(port, async () => {
      this.#stopAnnouncing(port);
      return detachMember(context, port);
    });
  }

  /**
   * Publishes ports of a member: one more is one element more, however many there are. All of them, or none.
   *
   * @throws {@link NetworkError} EADDRINUSE, which names the port; ERR_NOT_A_MEMBER.
   */
  async publish(
    netns: Netns,
    publish: readonly PublishOptions[],
    { name = 'eth0' }: MemberDevice = {},
  ): Promise<void> {
    const context = this.#open('publish in');
    const ports = checkPorts(publish, context.plan.subnets);
    const port = this.#portOf(netns, name);
    await this.#inTurn(port, async () => {
      const known = context.known.get(port);
      if (known === undefined) return publishMore(context, await this.#read(netns, name), ports);
      try {
        await publishMore(context, known, ports);
      } catch (error) {
        if (!(error instanceof NetworkError && error.code === 'ERR_NOT_A_MEMBER')) throw error;
        // others may have taken it away, and attached it again
        context.known.delete(port);
        await publishMore(context, await this.#read(netns, name), ports);
      }
    });
  }

  /** Takes published ports back; those that are not published are none to take. */
  async unpublish(
    netns: Netns,
    publish: readonly PublishOptions[],
    { name = 'eth0' }: MemberDevice = {},
  ): Promise<void> {
    const context = this.#open('unpublish from');
    const ports = checkPorts(publish, context.plan.subnets);
    await this.#inTurn(this.#portOf(netns, name), async () =>
      unpublish(context, await this.#read(netns, name), ports),
    );
  }

  /** The network as it is in the kernel, with its members: whoever attached them. */
  async inspect(): Promise<NetworkInfo> {
    return inspectNetwork(this.#open('inspect'));
  }

  /**
   * Serves DNS to members, by UDP and TCP on port 53 of the gateways, for as long as the process and this object, and so
   * keeps the process alive: members' aliases are resolved to their addresses, and their addresses to their aliases,
   * whoever attached them; a member that is attached, or detached, is so at once. For the rest, other servers are asked.
   * Only members can ask, as it listens on the bridge alone.
   *
   * @throws {@link NetworkError} EADDRINUSE where somebody has the port, this network's resolver of another process to
   * begin with, with `address`, `port`, `protocol`; EACCES for who may not have it; ERR_NETWORK_INTERNAL for servers that an
   * internal network has no way to. {@link NetlinkError} ENODEV where the bridge is gone.
   * @see RFC 1034, RFC 1035, RFC 6891, RFC 7766
   */
  async serveDns(options: DnsOptions = {}): Promise<NetworkDns> {
    const context = this.#open('serve DNS in');
    const dns = await startDns(context, checkDns(options, context.plan), () => {
      if (this.#dns === dns) this.#dns = undefined;
    });
    this.#dns = dns;
    if (this.#closed) {
      dns.close();
      this.#open('serve DNS in');
    }
    return dns;
  }

  /** Clears away what is left of members whose namespaces are gone. */
  async repair(): Promise<void> {
    const { host, plan, sign, book, busy } = this.#open('repair');
    await book.learn(await repairMembers(host, plan.name, sign), busy);
  }

  /**
   * Removes the network with all that belongs to it: members' devices, published ports, the bridge, and with the last
   * network the table of nf_tables. Sysctls stay as they are. Closes the object. A network that is gone already is fine.
   */
  async remove(): Promise<void> {
    const context = this.#open('remove');
    await Promise.allSettled(this.#turns.values());
    await removeNetwork(context);
    this.close();
  }

  /** Lets go of the network, which stays: host ports are no longer reserved for it. Closing twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const port of [...this.#announcements.keys()]) this.#stopAnnouncing(port);
    this.#dns?.close();
    this.#context.reservations.close();
    this.#context.sign[Symbol.dispose]();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface's
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #open(operation: string): NetworkContext {
    if (!this.#closed) return this.#context;
    const reason = 'the object was closed';
    throw new NetworkError({ code: 'ERR_NETWORK_CLOSED', operation, network: this.name, reason });
  }

  #portOf(netns: Netns, device: string): string {
    return portName(this.name, netns.ino, device);
  }

  async #read(netns: Netns, device: string): Promise<MemberRecord> {
    const { host, plan } = this.#context;
    const port = this.#portOf(netns, device);
    const member = (await readMembers(host, plan.name)).find((one) => one.port === port);
    if (member === undefined) throw notMember(this.#context, `${device} of ${netns.toString()}`);
    return member;
  }

  /** What concerns one member is done one after the other. */
  async #inTurn<T>(port: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(port) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(port, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(port) === turn) this.#turns.delete(port);
      // what was under way when it was closed
      if (this.#closed) this.#context.reservations.close();
    }
  }

  async #announce(netns: Netns, { port, ...device }: NetworkMember): Promise<void> {
    const stop = await announce(netns, device, () => this.#announcements.delete(port));
    this.#announcements.set(port, stop);
    if (this.#closed) this.#stopAnnouncing(port);
  }

  #stopAnnouncing(port: string): void {
    this.#announcements.get(port)?.();
    this.#announcements.delete(port);
  }
}
