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
import { ADDRESS_SPACE, addressSpace, type AddressSpaceOptions, textAt } from './space';
import type { Allocation } from './state';

/** The subnet whose addresses are given, and where the pool is kept. */
export interface AddressPoolOptions extends PoolOptions, AddressSpaceOptions {}

/** An address that a pool has given. */
export interface AddressAllocation extends PoolAllocation {
  /** '10.200.0.2/16' */
  address: string;
}

export interface AllocateAddressOptions extends PoolOwner {
  /** The address to give, '10.200.0.7' or '10.200.0.7/16'. By default the next one. */
  address?: string | undefined;
}

/** Addresses of one subnet, each given to one owner at a time. */
export interface AddressPool extends AsyncDisposable {
  /** '10.200.0.0/16' */
  readonly subnet: string;
  /** '10.200.0.1/16' */
  readonly gateway: string | undefined;
  /**
   * Gives an address, '10.200.0.2/16': the next one that was never given, and when all were given, the one that has been
   * free for the longest time. An owner that has an address by that key is given the same address. The allocation is
   * stored when the promise resolves.
   *
   * @throws {@link PoolError} ERR_POOL_EXHAUSTED; EADDRINUSE where another owner, named in `owner`, has the address that
   * is asked for; EEXIST where the owner has another address by that key. RangeError for an address that is not in the pool.
   * @example
   * ```ts
   * await using pool = await openAddressPool({ subnet: '10.1.0.0/24' });
   * const addr = await pool.allocate({ owner: 'red' });
   * await addAddr(red, 'eth0', addr);
   * console.log(await pool.allocate({ owner: 'blue', address: '10.1.0.50' })); // 10.1.0.50/24
   * ```
   */
  allocate(options: AllocateAddressOptions): Promise<string>;
  /**
   * Takes an address back, or all addresses of an owner, or the address that an owner has by a key.
   *
   * @returns the addresses that were released: none, where nothing was given.
   * @example
   * ```ts
   * await using pool = await openAddressPool({ subnet: '10.1.0.0/24' });
   * await pool.allocate({ owner: 'red' });
   * const [released] = await pool.release({ owner: 'red' });
   * console.log(released?.address); // 10.1.0.2/24
   * ```
   */
  release(what: string | PoolOwner): Promise<AddressAllocation[]>;
  /**
   * Lists the addresses that are given now, to all owners or to one, by all processes.
   *
   * @example
   * ```ts
   * await using pool = await openAddressPool({ subnet: '10.1.0.0/24' });
   * await pool.allocate({ owner: 'red' });
   * for (const { owner, address } of await pool.list()) console.log(owner, address); // red 10.1.0.2/24
   * ```
   */
  list(options?: PoolListOptions): Promise<AddressAllocation[]>;
  /**
   * Finishes the operations that are under way. Addresses stay given. Closing twice is no error.
   *
   * @example
   * ```ts
   * const pool = await openAddressPool({ directory: '/run/example', subnet: '10.1.0.0/24' });
   * await pool.allocate({ owner: 'red' });
   * await pool.close(); // what was allocated stays so
   * ```
   */
  close(): Promise<void>;
}

const OPTIONS = optionTable<AddressPoolOptions>({ ...POOL_OPTIONS, ...ADDRESS_SPACE });

/**
 * Opens a pool of the addresses of a subnet, without the subnet's own address, the broadcast address of IPv4, the gateway,
 * and the addresses that are excluded. With a `directory`, all processes that open the pool share it, and no process is
 * given an address that another one has, whichever process crashes.
 *
 * @throws {@link PoolError} ERR_POOL_DAMAGED where the pool's file is damaged, ERR_POOL_MISMATCH where the file belongs to
 * another subnet: the file is left as it is. EROFS, EACCES, … where the directory cannot be written to.
 * @example
 * ```ts
 * await using pool = await openAddressPool({ directory: '/run/example', subnet: '10.1.0.0/24' });
 * console.log(await pool.allocate({ owner: 'red' })); // 10.1.0.2/24
 * ```
 */
export async function openAddressPool(options: AddressPoolOptions): Promise<AddressPool> {
  checkOptions(options, OPTIONS);
  const { space, gateway } = addressSpace(options);
  const pool = await openPool(space, toFileName(space), options);
  const shown = ({ place, owner, key, since }: Allocation): AddressAllocation => ({
    address: textAt(space, place),
    owner,
    key,
    since,
  });
  const close = async () => pool.close();
  return {
    subnet: space.name,
    gateway,
    allocate: async (wanted) => textAt(space, await pool.allocate(toRequest(space, wanted))),
    release: async (what) => (await pool.release(toReleased(space, what))).map(shown),
    list: async (options) => (await pool.list(toListed(options))).map(shown),
    close,
    [Symbol.asyncDispose]: close,
  };
}
