import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ignoringSystem, isSystemError, rethrow } from '../common/system-error';
import { PoolError } from './pool-error';
import { type Draft, SharedLog } from './shared-log';
import { changesLine, readLines, snapshot } from './file-format';
import type { Space } from './space';
import { type Change, PoolState } from './state';

/** Work on a pool: a function that reads the state, and passes each change to `change`. */
export type Work = (state: PoolState, change: (change: Change) => void) => void;

/** Keeps the state of a pool. */
export interface PoolStore {
  /** Resolves when the changes of the work are kept. Where it rejects, nothing has changed. Must be called one at a time. */
  transact(work: Work): Promise<void>;
  close(): void;
}

/** A store in memory, which ends with the process. */
export function memoryStore(state = new PoolState()): PoolStore {
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface's
    async transact(work) {
      work(state, (change) => state.apply(change));
    },
    close: () => undefined,
  };
}

export interface FileStoreOptions {
  directory: string;
  name: string;
  /** Whether changes survive a power failure. */
  durable: boolean;
}

// The file is replaced by a snapshot when it is GROWTH times as large as the last snapshot, and larger than SMALL.
const GROWTH = 4;
const SMALL = 64 * 1024;

/** Of the group and of all others. */
const WRITABLE_BY_OTHERS = 0o022;

/** A store in the files NAME.pool and NAME.lock, which all processes that open them share. */
export class FileStore implements PoolStore {
  readonly path: string;
  readonly #space: Space;
  readonly #directory: string;
  readonly #log: SharedLog;
  #state = new PoolState();
  #compact = 0;

  constructor(space: Space, { directory, name, durable }: FileStoreOptions) {
    this.#space = space;
    this.#directory = directory;
    this.path = join(directory, `${name}.pool`);
    this.#log = new SharedLog(this.path, { lock: join(directory, `${name}.lock`), durable });
  }

  /** Creates the directory, for its owner alone, and reads the file where there is one. */
  async open(): Promise<void> {
    await createDirectory(this.#directory);
    await this.#checkDirectory();
    await this.transact(() => undefined);
  }

  /** Who may write to the directory can put other files in the place of the pool's, or a link to any file. */
  async #checkDirectory(): Promise<void> {
    const { uid, mode } = await stat(this.#directory);
    const isOwn = uid === 0 || uid === process.geteuid?.();
    if (isOwn && (mode & WRITABLE_BY_OTHERS) === 0) return;
    throw new PoolError({
      code: 'ERR_POOL_UNSAFE',
      operation: 'open',
      pool: this.#space.name,
      path: this.#directory,
      reason: `${this.#directory} has to belong to root or to this user, and nobody else may write there`,
    });
  }

  async transact(work: Work): Promise<void> {
    await this.#log.withLock(async () => {
      try {
        const exists = await this.#catchUp();
        const changes: Change[] = [];
        work(this.#state, (change) => {
          this.#state.apply(change);
          changes.push(change);
        });
        if (changes.length > 0) await this.#keep(changes, exists);
      } catch (error) {
        this.#log.reset(); // the state in memory may have changes that were not written
        throw error;
      }
    });
  }

  close(): void {
    this.#log.close();
  }

  async #catchUp(): Promise<boolean> {
    const added = await this.#log.readNew();
    if (added === undefined || added.at === 0) this.#state = new PoolState();
    if (added === undefined) return false;
    const { bytes, at } = added;
    if (at > 0 && bytes.length === 0) return true;
    const state = this.#state;
    this.#log.accept(await readLines(this.#space, bytes, at, (change) => state.apply(change)));
    if (at === 0) this.#compact = this.#log.end;
    return true;
  }

  async #keep(changes: readonly Change[], exists: boolean): Promise<void> {
    const grown = this.#log.end >= Math.max(SMALL, GROWTH * this.#compact);
    // On a full disk there may be no room for a second file, but for a line at the end of this one.
    const draft =
      exists && !grown ? undefined : await this.#draft().catch(exists ? ignoringSystem('ENOSPC') : rethrow);
    if (draft === undefined) {
      await this.#log.append(Buffer.from(changesLine(this.#space, changes)));
    } else {
      await this.#log.replaceBy(draft);
      this.#compact = this.#log.end;
    }
  }

  async #draft(): Promise<Draft> {
    return this.#log.draft(Buffer.from(await snapshot(this.#space, this.#state.snapshot())));
  }
}

/**
 * Creates a directory, and those above it. Node's own mkdir with `recursive` tries for ever where nothing can be created, as
 * in /proc (node 20 to 24).
 */
async function createDirectory(path: string): Promise<void> {
  const create = async () => mkdir(path, { mode: 0o700 });
  try {
    await create();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    await createDirectory(dirname(path));
    // another process may have created it meanwhile
    await create().catch(ignoringSystem('EEXIST'));
  }
}
