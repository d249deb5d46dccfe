import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { takingBackIn } from '../netns/still-open';
import { settleLocalnet } from './members/localnet';
import { bindLifeSign } from './members/life-sign';
import { AddressBook } from './members/address-book';
import { BridgeNetwork } from './bridge-network';
import type { NetworkContext } from './members/context';
import { createNetwork } from './create';
import { checkDnsOption, type DnsOptions } from './dns-options';
import { checkDnsPorts, isServedAlready } from './dns/serve';
import { RefusedNames } from './egress/refused-names';
import type { MemberRecord } from './table/member-records';
import { bridgeMac, type BridgeNetworkOptions, checkOptions } from './options';
import type { NetworkPlan } from './plan';
import { removeNetwork } from './remove';
import { repairMembers } from './members/repair';
import { HeldPorts } from './members/held-ports';

/**
 * Creates a network of namespaces around a bridge, as Docker's bridge networks are: members have addresses of a subnet,
 * reach each other and, masqueraded, what the host reaches; their published ports are reached at the host's addresses;
 * networks are isolated from each other. All of it is in the kernel of `host`: the bridge, the pairs, and one table
 * `inet rtnetns` of nf_tables, where a network, a member and a published port are elements of sets and maps.
 *
 * Where the network exists with the same options, the object is of that network, after what a crash has left half done
 * was completed or removed. Several processes may create the same network at once.
 *
 * @throws {@link NetworkError} ERR_NETWORK_MISMATCH where the network exists with other options, ERR_NETWORK_NAME_TAKEN
 * where another device has the name, ERR_SUBNET_OVERLAP where the subnet overlaps with a route. {@link nft.NftError} with the
 * name of the module that the kernel lacks. TypeError, RangeError for wrong options.
 * @example
 * ```ts
 * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
 * await network.attach(red, { name: 'shop0', publish: [{ hostPort: 8080, port: 80 }] });
 * await network.attach(blue, { name: 'shop0' });
 * console.log((await ping(blue, '10.200.0.2')).received); // 1
 * ```
 */
export async function createBridgeNetwork(
  host: Netns,
  options: BridgeNetworkOptions,
): Promise<BridgeNetwork> {
  checkNetns(host, 'host');
  const plan: NetworkPlan = checkOptions(options);
  const dns = checkDnsOption(options.dns, plan);
  return host.lend(`create network ${plan.name} in namespace`, async ({ fd }) => create(host, fd, plan, dns));
}

async function create(
  host: Netns,
  fd: number,
  plan: NetworkPlan,
  dns: DnsOptions | undefined,
): Promise<BridgeNetwork> {
  const { name, subnets } = plan;
  if (dns !== undefined) await checkDnsPorts(host, plan);
  const lifeSign = await bindLifeSign(host);
  const heldPorts = new HeldPorts(host, name);
  try {
    const mac = bridgeMac(name, host.ino);
    const { mtu, found, sysctls } = await createNetwork(host, fd, plan, mac);
    const takeUp = async (): Promise<BridgeNetwork> => {
      const book = await AddressBook.open(name, subnets);
      const members = await repairMembers({ host, hostFd: fd, lifeSign }, name);
      await settleLocalnet(host, name);
      const attachingHere = new Set<string>();
      await book.learn(members, attachingHere);
      const families = subnets.map(({ family }) => family);
      await heldPorts.holdFree(
        members.flatMap(({ published }) => published),
        families,
      );
      const known = new Map<string, MemberRecord>();
      const context: NetworkContext = {
        ...{ host, hostFd: fd, plan, mtu, mac },
        ...{ lifeSign, book, heldPorts, attachingHere, known },
        refusedNames: new RefusedNames(),
      };
      const network = new BridgeNetwork(context, { found, sysctls });
      if (dns !== undefined) {
        await network.serveDns(dns).catch((error: unknown) => {
          if (!isServedAlready(error, plan)) throw error;
        });
      }
      return network;
    };
    return await takeUp().catch(async (error: unknown) => {
      if (found) throw error;
      return takingBackIn(host, fd, error, async (open) => removeNetwork({ host: open, hostFd: fd, plan }));
    });
  } catch (error) {
    heldPorts.close();
    lifeSign[Symbol.dispose]();
    throw error;
  }
}
