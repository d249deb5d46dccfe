import type { Family } from '../common/check';
import type { EventIterator } from '../common/event-queue';
import { Turns } from '../common/turns';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { SysctlChange } from './create';
import { checkDns, type DnsOptions } from './dns-options';
import { type NetworkDns, startDns } from './dns/serve';
import { allow, allowAll, deny } from './egress/change-grants';
import { type EgressGrant, ignoreGone } from './egress/egress-grant';
import { checkEgress, type EgressOptions, toOptions } from './egress/options';
import {
  checkRefusals,
  type EgressRefusal,
  type RefusalsOptions,
  watchRefusals,
} from './egress/watch-refusals';
import { inspectNetwork, type NetworkInfo } from './inspect';
import { Announcements } from './members/announcements';
import { attachMember, type NetworkMember } from './members/attach';
import type { NetworkContext } from './members/context';
import {
  type AttachOptions,
  checkMember,
  checkPorts,
  identifyMember,
  type MemberDevice,
  planMember,
} from './members/member-options';
import { settleLocalnet } from './members/localnet';
import { publish, unpublish } from './members/publishing';
import { detachMember } from './members/removal';
import { repairMembers } from './members/repair';
import { NetworkError } from './network-error';
import { removeNetwork } from './remove';
import type { PublishOptions } from './table/published-ports';

export type { BridgeNetworkOptions } from './options';
export type { AttachOptions, MemberDevice } from './members/member-options';
export type { EgressGrant } from './egress/egress-grant';
export type { EgressOptions, EgressPort } from './egress/options';
export type { EgressRefusal, RefusalsOptions } from './egress/watch-refusals';
export type { RefusedName } from './egress/refused-names';
export type { RefusedPacket } from './egress/refused-packet';
export type { NetworkMember } from './members/attach';
export type { PortOrRange, PublishedPort, PublishOptions, PublishProtocol } from './table/published-ports';
export type { NetworkInfo, NetworkMemberInfo } from './inspect';
export type { SysctlChange } from './create';
export type { DnsOptions } from './dns-options';
export type { NetworkDns } from './dns/serve';

/**
 * A network of namespaces around a bridge, as `createBridgeNetwork` makes it. The network is in the kernel, for as long
 * as its host namespace lives; the object is one process's access to the network, and other processes may have objects of
 * the same network.
 */
export class BridgeNetwork implements AsyncDisposable {
  /** Sysctls of the host that were changed to let packets pass. The last network of the namespace turns forwarding off again. */
  readonly sysctls: readonly SysctlChange[];
  /** Whether the network existed before. */
  readonly found: boolean;

  readonly #context: NetworkContext;
  readonly #turns = new Turns();
  readonly #announcements = new Announcements();
  readonly #closing = new AbortController();
  #removing = false;
  #closed = false;
  #dns: NetworkDns | undefined;

  /** @internal */
  constructor(context: NetworkContext, { found, sysctls }: { found: boolean; sysctls: SysctlChange[] }) {
    this.#context = context;
    this.found = found;
    this.sysctls = sysctls;
  }

  /** Name of the network and of its bridge. */
  get name(): string {
    return this.#context.plan.name;
  }

  /** MTU of the bridge and of members' devices, in bytes. */
  get mtu(): number {
    return this.#context.mtu;
  }

  /** Addresses of the bridge, which members' default routes lead to. */
  get gateways(): Partial<Record<Family, string>> {
    return Object.fromEntries(this.#context.plan.subnets.map(({ family, gateway }) => [family, gateway]));
  }

  /** The network's resolver; undefined where this object serves none. */
  get dns(): NetworkDns | undefined {
    return this.#dns;
  }

  /**
   * Joins a namespace to the network: a device in the namespace, with an address of each family, default routes by the
   * gateways, and published ports. A member that is attached already is returned as it is, after those of the given ports
   * are published that are not published yet.
   *
   * @throws {@link NetworkError} EADDRINUSE for a host port or an address in use; ERR_SUBNET_FULL; ERR_MEMBER_EXISTS
   * for a member that is attached with other options; ERR_NETWORK_REMOVED; ERR_NETWORK_INTERNAL for ports of an internal
   * network. {@link NetlinkError} EEXIST where the namespace has a device of that name, EXFULL where the bridge has its
   * 1,023 ports. An attachment that fails leaves nothing behind.
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * const { device, addresses } = await network.attach(red, { name: 'shop0', aliases: ['web'] });
   * console.log(device, addresses[4]); // shop0 10.200.0.2
   * ```
   */
  async attach(netns: Netns, options: AttachOptions = {}): Promise<NetworkMember> {
    checkNetns(netns);
    const context = this.#open('attach to');
    const plan = planMember(context.plan, netns, options);
    const attach = async (): Promise<NetworkMember> => {
      context.attachingHere.add(plan.port);
      try {
        const member = await attachMember(context, plan);
        if (!member.found) await this.#announcements.begin(context, netns, member);
        return member;
      } finally {
        context.attachingHere.delete(plan.port);
      }
    };
    const asked = `attach to network ${this.name} the member`;
    return this.#inHost('attach to', async () =>
      netns.lend(asked, async () => this.#inTurn(plan.port, attach)),
    );
  }

  /**
   * Removes a namespace from the network: its device, its addresses, its published ports, and the conntrack entries of
   * connections to those ports.
   *
   * @returns whether the namespace was a member.
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * console.log(await network.detach(red, { name: 'shop0' })); // true
   * ```
   */
  async detach(netns: Netns, member: MemberDevice = {}): Promise<boolean> {
    const name = checkMember(netns, member);
    const context = this.#open('detach from');
    const { port } = identifyMember(context.plan, netns, name);
    return this.#inHost('detach from', async () =>
      this.#inTurn(port, async () => {
        this.#announcements.stop(port);
        return detachMember(context, port);
      }),
    );
  }

  /**
   * Publishes ports of a member: all of the given ports, or none. Those that it publishes already stay. A port is one element of
   * nf_tables for each family, so one port more costs the same, however many there are.
   *
   * @throws {@link NetworkError} EADDRINUSE, which names the port; ERR_NOT_A_MEMBER.
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * await network.publish(red, [{ hostPort: 8443, port: 443 }], { name: 'shop0' });
   * ```
   */
  async publish(netns: Netns, ports: readonly PublishOptions[], member: MemberDevice = {}): Promise<void> {
    const name = checkMember(netns, member);
    const context = this.#open('publish in');
    const checked = checkPorts(ports, context.plan.subnets, 'ports');
    const identity = identifyMember(context.plan, netns, name);
    await this.#inHost('publish in', async () =>
      this.#inTurn(identity.port, async () => publish(context, identity, checked)),
    );
  }

  /**
   * Takes published ports back. Ports that are not published are ignored.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * const ports = [{ hostPort: 8080, port: 80 }];
   * await network.attach(red, { name: 'shop0', publish: ports });
   * await network.unpublish(red, ports, { name: 'shop0' });
   * ```
   */
  async unpublish(netns: Netns, ports: readonly PublishOptions[], member: MemberDevice = {}): Promise<void> {
    const name = checkMember(netns, member);
    const context = this.#open('unpublish from');
    const checked = checkPorts(ports, context.plan.subnets, 'ports');
    const identity = identifyMember(context.plan, netns, name);
    await this.#inHost('unpublish from', async () =>
      this.#inTurn(identity.port, async () => unpublish(context, identity, checked)),
    );
  }

  /**
   * Allows a member names, and limits it to what it was allowed: what the member sends beyond its network is refused from the first
   * call on, but for what this call and others allow. The network's resolver answers the member for these names alone, and lets it
   * reach the addresses of each answer before it is told them, for as long as the answer may be kept (TTL) and `hold` of `serveDns`.
   * Connections go on after that. Members of one network reach each other as before, and published ports stay.
   *
   * The limits are in the kernel, as members are: they hold whether or not a process of this library runs, until the member is detached,
   * or `allowAll` lifts them. Connections that the member has begun before it is limited end.
   *
   * @returns the grant, which `revoke` takes back, as `deny` does. What is allowed already is not allowed twice.
   * @throws {@link NetworkError} ERR_NOT_A_MEMBER; ERR_NETWORK_INTERNAL for a network that nothing leads out of. {@link nft.NftError} for a
   * kernel that lacks nf_tables of bridges. TypeError, RangeError for wrong options.
   * @see RFC 1035, RFC 8914
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24', dns: true });
   * await network.attach(red, { name: 'shop0' });
   * await network.allow(red, { domains: ['api.example.com', '*.example.org'], ports: [443] }, { name: 'shop0' });
   * console.log((await network.inspect()).members[0]?.allowed?.[0]?.domains); // [ '*.example.org', 'api.example.com' ]
   * ```
   */
  async allow(netns: Netns, allowed: EgressOptions, member: MemberDevice = {}): Promise<EgressGrant> {
    const name = checkMember(netns, member);
    const context = this.#open('allow in');
    const grant = checkEgress(allowed, context.plan);
    const identity = identifyMember(context.plan, netns, name);
    await this.#inHost('allow in', async () =>
      this.#inTurn(identity.port, async () => allow(context, identity, grant)),
    );
    const revoke = async () => {
      if (!this.#closed) await this.deny(netns, toOptions(grant), member).catch(ignoreGone);
    };
    return { ...toOptions(grant), revoke, [Symbol.asyncDispose]: revoke };
  }

  /**
   * Takes back what `allow` was given, with the same options. Connections of the member end, but for those to what it reaches by other
   * grants at this moment. The member stays limited, also without any grant: it then reaches nothing beyond its network.
   *
   * @returns whether the member was allowed that.
   * @throws {@link NetworkError} ERR_NOT_A_MEMBER.
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * const allowed = { domains: ['api.example.com'], ports: [443] };
   * await network.allow(red, allowed, { name: 'shop0' });
   * console.log(await network.deny(red, allowed, { name: 'shop0' })); // true
   * ```
   */
  async deny(netns: Netns, allowed: EgressOptions, member: MemberDevice = {}): Promise<boolean> {
    const name = checkMember(netns, member);
    const context = this.#open('deny in');
    const grant = checkEgress(allowed, context.plan);
    const identity = identifyMember(context.plan, netns, name);
    return this.#inHost('deny in', async () =>
      this.#inTurn(identity.port, async () => deny(context, identity, grant)),
    );
  }

  /**
   * Lifts the limits of a member: it reaches all that it reached before the first `allow`.
   *
   * @returns whether the member was limited.
   * @throws {@link NetworkError} ERR_NOT_A_MEMBER.
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * await network.allow(red, { domains: [] }, { name: 'shop0' }); // it reaches nothing beyond the network
   * console.log(await network.allowAll(red, { name: 'shop0' })); // true
   * ```
   */
  async allowAll(netns: Netns, member: MemberDevice = {}): Promise<boolean> {
    const name = checkMember(netns, member);
    const context = this.#open('allow in');
    const identity = identifyMember(context.plan, netns, name);
    return this.#inHost('allow in', async () =>
      this.#inTurn(identity.port, async () => allowAll(context, identity)),
    );
  }

  /**
   * Reports what limited members are refused: each packet that begins something, whichever process limited the member, and each name that
   * they ask the resolver of this object for. Of each member, ten packets a second are reported. The first event is 'ready'. The
   * events end when the loop is left, when the signal is aborted, or when this object or the handle of the host is closed.
   *
   * @throws {@link NetlinkError} what the kernel refuses; {@link NetworkError} ERR_NETWORK_CLOSED; the signal's reason.
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24', dns: true });
   * for await (const refusal of network.refusals()) {
   *   if (refusal.kind === 'ready') break; // from here on, refusals would come
   *   if (refusal.kind === 'packet') console.log(refusal.from, refusal.to, refusal.port);
   * }
   * ```
   */
  refusals(options: RefusalsOptions = {}): EventIterator<EgressRefusal> {
    checkRefusals(options);
    return watchRefusals(this.#open('watch refusals in'), [options.signal, this.#closing.signal]);
  }

  /**
   * Reads the network from the kernel, with all members, whichever process attached them.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * const { members } = await network.inspect();
   * console.log(members[0]?.device, members[0]?.addresses[4]); // shop0 10.200.0.2
   * ```
   */
  async inspect(): Promise<NetworkInfo> {
    const context = this.#open('inspect');
    return this.#inHost('inspect', async () => inspectNetwork(context));
  }

  /**
   * Serves DNS to members, by UDP and TCP on port 53 of the gateways, until the resolver or this object is closed; until
   * then the resolver keeps the process alive. The aliases of all members, whichever process attached them, are resolved to
   * their addresses, and the addresses to the aliases; a member that is attached or detached is so for the resolver at once.
   * Queries for other names are passed on to other servers. Only members can ask, because the sockets listen on the bridge
   * alone.
   *
   * @throws {@link NetworkError} EADDRINUSE where the port is in use, for instance by another process that serves DNS for
   * this network, with `address`, `port`, `protocol`; EACCES where this user may not bind the port; ERR_NETWORK_INTERNAL
   * for `forward` in an internal network. {@link NetlinkError} ENODEV where the bridge is gone.
   * @see RFC 1034, RFC 1035, RFC 6891, RFC 7766
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0', aliases: ['web'] });
   * const dns = await network.serveDns({ forward: false });
   * console.log(dns.addresses); // [ '10.200.0.1' ]
   * ```
   */
  async serveDns(options: DnsOptions = {}): Promise<NetworkDns> {
    const context = this.#open('serve DNS in');
    const plan = checkDns(options, context.plan);
    const dns = await this.#inHost('serve DNS in', async () =>
      startDns(context, plan, () => {
        if (this.#dns === dns) this.#dns = undefined;
      }),
    );
    this.#dns = dns;
    if (this.#closed) {
      dns.close();
      this.#open('serve DNS in');
    }
    return dns;
  }

  /**
   * Removes what is left of members whose namespaces were deleted.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * await deleteNetns(red, { wait: true }); // without having been detached
   * await network.repair();
   * console.log((await network.inspect()).members); // []
   * ```
   */
  async repair(): Promise<void> {
    const context = this.#open('repair');
    const { host, plan, book, attachingHere } = context;
    await this.#inHost('repair', async () => {
      await book.learn(await repairMembers(context, plan.name), attachingHere);
      await settleLocalnet(host, plan.name);
    });
  }

  /**
   * Removes the network with all that belongs to it: members' devices, published ports, the bridge, and with the last
   * network of the namespace the table of nf_tables, and the forwarding that networks turned on. Closes the object. A network that is gone
   * already is no error.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * await network.remove(); // the members' devices, too
   * ```
   */
  async remove(): Promise<void> {
    const context = this.#open('remove');
    this.#removing = true;
    try {
      await this.#turns.ended();
      await this.#inHost('remove', async () => removeNetwork(context));
    } finally {
      this.#removing = false;
    }
    this.close();
  }

  /**
   * Closes the object: the host ports are no longer held for published ports, and the resolver ends. The network stays.
   * Closing twice is no error.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * network.close(); // the network stays, for the next one who creates it with these options
   * await using again = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * console.log(again.found); // true
   * ```
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.abort(this.#closedError('watch refusals in'));
    this.#announcements.close();
    this.#dns?.close();
    this.#context.heldPorts.close();
    this.#context.lifeSign[Symbol.dispose]();
  }

  /** Closes the object, as {@link BridgeNetwork.close} does; the network stays. */
  // eslint-disable-next-line @typescript-eslint/require-await -- the interface's
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #open(operation: string): NetworkContext {
    if (!this.#closed && !this.#removing) return this.#context;
    throw this.#closedError(operation);
  }

  #closedError(operation: string): NetworkError {
    const reason = this.#closed ? 'the object was closed' : 'the network is being removed';
    return new NetworkError({ code: 'ERR_NETWORK_CLOSED', operation, network: this.name, reason });
  }

  /** Does work of several steps in the namespace of the network: where its handle fails, the error names the work. */
  async #inHost<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.#context.host.lend(`${operation} network ${this.name} in namespace`, work);
  }

  /** Runs work on one member after earlier work on the same member. */
  async #inTurn<T>(port: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#turns.take(port, work);
    } finally {
      // The work may have held ports after the object was closed.
      if (this.#closed) this.#context.heldPorts.close();
    }
  }
}
