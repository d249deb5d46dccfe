import { refuse } from '../common/check';
import { Pool, type Released, type Request } from './pool';
import { addressAt, placeOf, refuseExcluded, type Space } from './space';
import { FileStore, memoryStore } from './store';

/** Where a pool is kept. */
export interface PoolOptions {
  /**
   * Where its files are, made if it is not there: on a tmpfs such as /run to be forgotten with the next boot, as
   * namespaces are. Without one, the pool is kept in memory, and nobody else's.
   */
  directory?: string | undefined;
  /** Of its files NAME.pool and NAME.lock. By default it is made up of what the pool gives: '10.200.0.0-16'. */
  name?: string | undefined;
  /** Whether each change is to survive a power failure (fdatasync(2)), and not only the end of processes. True. */
  durable?: boolean | undefined;
}

/** Who an allocation is for. */
export interface PoolOwner {
  /** Any text that tells whose it is, also after a crash: who has it already is given the same again. */
  owner: string;
  /** Tells several of one owner apart: 'eth0'. '' by default. */
  key?: string | undefined;
}

/** What all that is given has. */
export interface PoolAllocation {
  owner: string;
  key: string;
  /** When it was given, in milliseconds since 1970. */
  since: number;
}

const NAME_MAX = 240;
const TEXT_MAX = 1024;

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

/** What is asked for, by place: this address or subnet, if there is an option of that name. */
export function toRequest(space: Space, options: PoolOwner): Request {
  const { owner, key = '', [space.kind]: wanted } = Object(options) as Readonly<Record<string, unknown>>;
  checkText('owner', owner);
  if (owner === '') refuse('owner', 'an owner must not be empty', owner);
  checkText('key', key);
  if (wanted === undefined) return { owner, key };
  const place = placeOf(space, wanted, space.kind);
  refuseExcluded(space, place, space.kind);
  return { owner, key, place };
}

export function toReleased(space: Space, what: string | PoolOwner): Released {
  if (typeof what === 'string') return { place: placeOf(space, what, space.kind) };
  const { owner, key } = Object(what) as { owner?: unknown; key?: unknown };
  checkText('owner', owner);
  if (key === undefined) return { owner };
  checkText('key', key);
  return { owner, key };
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
