import type { Family } from '../../common/check';
import { type AddressPool, openAddressPool } from '../../pool/address-pool';
import { NetworkError } from '../network-error';
import type { Subnet } from '../plan';
import { PoolError } from '../../pool/pool-error';

export type Addresses = Partial<Record<Family, string>>;

/**
 * A cache of which member has which address, from which this process chooses free addresses. The sets of the table are
 * the truth: an address belongs to the member whose element holds it.
 */
export class AddressBook {
  private constructor(
    private readonly network: string,
    private readonly pools: ReadonlyMap<Family, AddressPool>,
  ) {}

  static async open(network: string, subnets: readonly Subnet[]): Promise<AddressBook> {
    const pools = subnets.map(
      async ({ family, subnet, gateway }) => [family, await openAddressPool({ subnet, gateway })] as const,
    );
    return new AddressBook(network, new Map(await Promise.all(pools)));
  }

  /** Chooses one address of each family, without prefix length: the address that is asked for, or the next free one. */
  async choose(port: string, wanted: Addresses): Promise<Addresses> {
    const chosen: Addresses = {};
    try {
      for (const [family, pool] of this.pools) {
        const given = await pool.allocate({ owner: port, address: wanted[family] });
        chosen[family] = bare(given);
      }
    } catch (error) {
      await this.release(port);
      throw this.#toNetworkError(error);
    }
    return chosen;
  }

  async release(port: string): Promise<void> {
    for (const pool of this.pools.values()) await pool.release({ owner: port });
  }

  /** Takes over the members of the table. The ports in `keep` keep their addresses, which are not in the table yet. */
  async learn(
    members: readonly { port: string; addresses: Addresses }[],
    keep: ReadonlySet<string>,
  ): Promise<void> {
    for (const [family, pool] of this.pools) {
      const owners = new Map(members.map(({ port, addresses }) => [port, addresses[family]]));
      for (const { owner, address } of await pool.list()) {
        if (!keep.has(owner) && owners.get(owner) !== bare(address)) await pool.release({ owner });
      }
      for (const [owner, address] of owners) {
        if (address !== undefined && !keep.has(owner)) await pool.allocate({ owner, address });
      }
    }
  }

  #toNetworkError(error: unknown): unknown {
    if (!(error instanceof PoolError)) return error;
    const details = { operation: 'attach to', network: this.network };
    if (error.code === 'ERR_POOL_EXHAUSTED') {
      const reason = `${error.pool} has no free address left`;
      return new NetworkError({ ...details, code: 'ERR_SUBNET_FULL', reason }, { cause: error });
    }
    if (error.code !== 'EADDRINUSE' && error.code !== 'EEXIST') return error;
    return addressTaken(this.network, error.address, error);
  }
}

export function addressTaken(network: string, address: string | undefined, cause?: unknown): NetworkError {
  const reason = `${address ?? 'the address'} is another member's`;
  const details = { code: 'EADDRINUSE', operation: 'attach to', network, option: 'address', address, reason };
  return new NetworkError(details, { cause });
}

function bare(address: string): string {
  return address.split('/')[0] ?? address;
}
