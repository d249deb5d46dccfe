import {
  openPool,
  POOL_OPTIONS,
  type PoolAllocation,
  type PoolListOptions,
  type PoolOptions,
  type PoolOwner,
  toFileName,
  toListed,
  toReleased,
  toRequest,
} from './open';
import { checkOptions, optionTable } from '../common/options';
import { SUBNET_SPACE, subnetSpace, type SubnetSpaceOptions, textAt } from './space';
import type { Allocation } from './state';

/** The subnets that are given, and where the pool is kept. */
export interface SubnetPoolOptions extends PoolOptions, SubnetSpaceOptions {}

/** A subnet that a pool has given. */
export interface SubnetAllocation extends PoolAllocation {
  /** '10.128.3.0/24' */
  subnet: string;
}

export interface AllocateSubnetOptions extends PoolOwner {
  /** The subnet to give, '10.128.3.0/24'. By default the next one. */
  subnet?: string | undefined;
}

/** Subnets of one size, each given to one owner at a time. */
export interface SubnetPool extends AsyncDisposable {
  /** '10.128.0.0/9' */
  readonly base: string;
  /**
   * As {@link AddressPool.allocate}: '10.128.0.0/24'.
   *
   * @example
   * ```ts
   * await using pool = await openSubnetPool({ base: '10.128.0.0/9', prefixLength: 24 });
   * const subnet = await pool.allocate({ owner: 'red' });
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet });
   * ```
   */
  allocate(options: AllocateSubnetOptions): Promise<string>;
  /**
   * As {@link AddressPool.release}.
   *
   * @example
   * ```ts
   * await using pool = await openSubnetPool({ base: '10.128.0.0/9', prefixLength: 24 });
   * await pool.release(await pool.allocate({ owner: 'red' }));
   * console.log(await pool.list()); // []
   * ```
   */
  release(what: string | PoolOwner): Promise<SubnetAllocation[]>;
  /**
   * As {@link AddressPool.list}.
   *
   * @example
   * ```ts
   * await using pool = await openSubnetPool({ base: '10.128.0.0/9', prefixLength: 24 });
   * await pool.allocate({ owner: 'red' });
   * for (const { owner, subnet } of await pool.list()) console.log(owner, subnet); // red 10.128.0.0/24
   * ```
   */
  list(options?: PoolListOptions): Promise<SubnetAllocation[]>;
  /**
   * As {@link AddressPool.close}.
   *
   * @example
   * ```ts
   * const pool = await openSubnetPool({ directory: '/run/example', base: '10.128.0.0/9', prefixLength: 24 });
   * await pool.allocate({ owner: 'red' });
   * await pool.close(); // what was allocated stays so
   * ```
   */
  close(): Promise<void>;
}

const OPTIONS = optionTable<SubnetPoolOptions>({ ...POOL_OPTIONS, ...SUBNET_SPACE });

/**
 * Opens a pool of the subnets of one size in a larger subnet, for instance of the /24s in '10.128.0.0/9', without those that
 * overlap with what is excluded. In everything else the pool is as that of {@link openAddressPool}.
 *
 * @example
 * ```ts
 * await using pool = await openSubnetPool({ base: '10.128.0.0/9', prefixLength: 24 });
 * console.log(await pool.allocate({ owner: 'red' })); // 10.128.0.0/24
 * ```
 */
export async function openSubnetPool(options: SubnetPoolOptions): Promise<SubnetPool> {
  checkOptions(options, OPTIONS);
  const space = subnetSpace(options);
  const pool = await openPool(space, `${toFileName(space)}-${space.each}`, options);
  const shown = ({ place, owner, key, since }: Allocation): SubnetAllocation => ({
    subnet: textAt(space, place),
    owner,
    key,
    since,
  });
  const close = async () => pool.close();
  return {
    base: space.name,
    allocate: async (wanted) => textAt(space, await pool.allocate(toRequest(space, wanted))),
    release: async (what) => (await pool.release(toReleased(space, what))).map(shown),
    list: async (options) => (await pool.list(toListed(options))).map(shown),
    close,
    [Symbol.asyncDispose]: close,
  };
}
