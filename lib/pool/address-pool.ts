import {
  openPool,
  type PoolAllocation,
  type PoolOptions,
  type PoolOwner,
  toFileName,
  toReleased,
  toRequest,
} from './open';
import { addressSpace, type AddressSpaceOptions, textAt } from './space';
import type { Allocation } from './state';

export interface AddressPoolOptions extends PoolOptions, AddressSpaceOptions {}

/** What of an address pool is given. */
export interface AddressAllocation extends PoolAllocation {
  /** '10.200.0.2/16' */
  address: string;
}

export interface AllocateAddressOptions extends PoolOwner {
  /** This one, '10.200.0.7' or '10.200.0.7/16'. By default the next one. */
  address?: string | undefined;
}

/** Addresses of one subnet, each given to one at a time. */
export interface AddressPool extends AsyncDisposable {
  /** '10.200.0.0/16' */
  readonly subnet: string;
  /** '10.200.0.1/16' */
  readonly gateway: string | undefined;
  /**
   * Gives an address, '10.200.0.2/16': the next one that was never given, and when all were, the one that has been
   * free for the longest time. Who has one by that key is given that. What this resolves to is kept.
   *
   * @throws {@link PoolError} ERR_POOL_EXHAUSTED; EADDRINUSE where the address that is asked for is another's, who is
   * told in `owner`; EEXIST where the owner has another one by that key. RangeError for one that is not in the pool.
   */
  allocate(options: AllocateAddressOptions): Promise<string>;
  /**
   * Takes an address back, or all that an owner has, or what it has by a key, and tells what that was: nothing, if it
   * was not given.
   */
  release(what: string | PoolOwner): Promise<AddressAllocation[]>;
  /** What is given now, by all processes; of one owner only. */
  list(options?: { owner?: string | undefined }): Promise<AddressAllocation[]>;
  /** Finishes what is under way; all that is given stays so. Closing twice is fine. */
  close(): Promise<void>;
}

/**
 * Opens a pool of addresses: the subnet's, without the subnet's own address (IPv4: and broadcast), the gateway's, and
 * what is excluded. With a `directory`, all processes that open it share it, and none of them is given what another
 * one has, whatever crashes in between.
 *
 * @throws {@link PoolError} ERR_POOL_DAMAGED where its file was damaged, ERR_POOL_MISMATCH where it is that of another
 * subnet: neither is written to. EROFS, EACCES, … where the directory cannot be written to.
 */
export async function openAddressPool(options: AddressPoolOptions): Promise<AddressPool> {
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
    list: async ({ owner } = {}) => (await pool.list(owner)).map(shown),
    close,
    [Symbol.asyncDispose]: close,
  };
}
