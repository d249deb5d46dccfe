import {
  openPool,
  type PoolAllocation,
  type PoolOptions,
  type PoolOwner,
  toFileName,
  toReleased,
  toRequest,
} from './open';
import { subnetSpace, type SubnetSpaceOptions, textAt } from './space';
import type { Allocation } from './state';

export interface SubnetPoolOptions extends PoolOptions, SubnetSpaceOptions {}

/** What of a subnet pool is given. */
export interface SubnetAllocation extends PoolAllocation {
  /** '10.128.3.0/24' */
  subnet: string;
}

export interface AllocateSubnetOptions extends PoolOwner {
  /** This one, '10.128.3.0/24'. By default the next one. */
  subnet?: string | undefined;
}

/** Subnets of one size, each given to one at a time. */
export interface SubnetPool extends AsyncDisposable {
  /** '10.128.0.0/9' */
  readonly base: string;
  /** As {@link AddressPool.allocate}: '10.128.0.0/24'. */
  allocate(options: AllocateSubnetOptions): Promise<string>;
  /** As {@link AddressPool.release}. */
  release(what: string | PoolOwner): Promise<SubnetAllocation[]>;
  /** As {@link AddressPool.list}. */
  list(options?: { owner?: string | undefined }): Promise<SubnetAllocation[]>;
  /** As {@link AddressPool.close}. */
  close(): Promise<void>;
}

/**
 * Opens a pool that gives subnets out of a larger one, '10.128.0.0/9' by /24, but for those that overlap what is
 * excluded. In everything else it is as {@link openAddressPool}.
 */
export async function openSubnetPool(options: SubnetPoolOptions): Promise<SubnetPool> {
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
    list: async ({ owner } = {}) => (await pool.list(owner)).map(shown),
    close,
    [Symbol.asyncDispose]: close,
  };
}
