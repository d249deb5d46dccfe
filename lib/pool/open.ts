import { refuse } from '../common/check';
import { checkOptions, isText, optionTable, trueOrFalse } from '../common/options';
import { Pool, type Released, type Request } from './pool';
import { addressAt, placeOf, refuseExcluded, type Space } from './space';
import { FileStore, memoryStore } from './store';

/** Where a pool is kept. */
export interface PoolOptions {
  /**
   * Directory of the pool's files, which is created where it is missing. On a tmpfs such as /run, the pool is gone with the
   * next boot, as namespaces are. Without a directory, the pool is kept in memory, for this process alone.
   */
  directory?: string | undefined;
  /** Name of the files NAME.pool and NAME.lock. By default it is derived from what the pool gives: '10.200.0.0-16'. */
  name?: string | undefined;
  /** Whether each change survives a power failure (fdatasync(2)), and not only the end of processes. True by default. */
  durable?: boolean | undefined;
}

/** The owner of an allocation. */
export interface PoolOwner {
  /** Any text that names the owner, also after a crash: an owner that has an allocation is given the same again. */
  owner: string;
  /** Distinguishes several allocations of one owner: 'eth0'. '' by default. */
  key?: string | undefined;
}

/** Whose allocations are listed. */
export interface PoolListOptions {
  /** All owners' by default. */
  owner?: string | undefined;
}

/** What addresses and subnets that are given have in common. */
export interface PoolAllocation {
  owner: string;
  /** Which of the owner's; '' by default. */
  key: string;
  /** When the allocation was made, in milliseconds since 1970. */
  since: number;
}

/** @internal */
export const POOL_OPTIONS = optionTable<PoolOptions>({ directory: true, name: true, durable: trueOrFalse });

/** @internal */
export const POOL_OWNER = optionTable<PoolOwner>({ owner: true, key: true });

const NAME_MAX = 240;
const TEXT_MAX = 1024;

const ADDRESS_REQUEST = optionTable<PoolOwner & { address?: string }>({ ...POOL_OWNER, address: true });
const SUBNET_REQUEST = optionTable<PoolOwner & { subnet?: string }>({ ...POOL_OWNER, subnet: true });
const LIST_OPTIONS = optionTable<PoolListOptions>({ owner: isText });

export async function openPool(space: Space, defaultName: string, options: PoolOptions): Promise<Pool> {
  const { directory, name = defaultName, durable = true } = options;
  checkName(name);
  if (directory === undefined) return new Pool(space, memoryStore());
  if (typeof directory !== 'string') refuse('directory', 'a directory is a string', directory);
  if (directory === '' || directory.includes('\0')) {
    refuse('directory', 'a path is not empty and holds no NUL', directory);
  }
  const store = new FileStore(space, { directory, name, durable });
  const pool = new Pool(space, store, store.path);
  try {
    await store.open();
  } catch (error) {
    store.close();
    throw pool.failure(error, 'open');
  }
  return pool;
}

/** Checks the options of an allocation. The address or subnet that is asked for becomes its place in the pool. */
export function toRequest(space: Space, options: PoolOwner): Request {
  checkOptions(options, space.kind === 'address' ? ADDRESS_REQUEST : SUBNET_REQUEST);
  const { owner, key = '', [space.kind]: wanted } = options as Readonly<Record<string, unknown>> & PoolOwner;
  checkText('owner', owner);
  if (owner === '') refuse('owner', 'an owner must not be empty', owner);
  checkText('key', key);
  if (wanted === undefined) return { owner, key };
  const place = placeOf(space, wanted, space.kind);
  refuseExcluded(space, place, space.kind);
  return { owner, key, place };
}

/** Checks what is to be released: an address or subnet, or all that an owner has. */
export function toReleased(space: Space, what: string | Partial<PoolOwner> = {}): Released {
  if (typeof what === 'string') return { place: placeOf(space, what, space.kind) };
  checkOptions(what, POOL_OWNER, { whole: 'what' });
  const { owner, key } = what;
  checkText('owner', owner);
  if (key === undefined) return { owner };
  checkText('key', key);
  return { owner, key };
}

/** Checks the options of a list, and returns the owner whose allocations are listed. */
export function toListed(options: PoolListOptions = {}): string | undefined {
  checkOptions(options, LIST_OPTIONS);
  return options.owner;
}

export function toFileName(space: Space): string {
  return `${addressAt(space, 0n)}-${space.name.split('/')[1] ?? ''}`;
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string') refuse('name', "a pool's name is a string", name);
  if (name === '' || name.includes('/') || name.includes('\0') || Buffer.byteLength(name) > NAME_MAX) {
    refuse('name', `a pool's name is a file's: 1 to ${NAME_MAX} bytes without '/' and NUL`, name);
  }
}

function checkText(option: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') refuse(option, 'expected a string', value);
  if (value.length > TEXT_MAX) refuse(option, `it has at most ${TEXT_MAX} characters`, value);
}
