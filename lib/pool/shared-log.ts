import fs, { constants } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ignoringSystem } from '../common/system-error';
import { FileLock } from './file-lock';
import { native, type OpenedFile } from '../addon/native';

const read = promisify(fs.read);
const write = promisify(fs.write);
const fdatasync = promisify(fs.fdatasync);
const ftruncate = promisify(fs.ftruncate);

const { O_CREAT, O_RDWR, O_TRUNC } = constants;

/** What is new in a journal. */
export interface News {
  bytes: Buffer;
  /** Where it begins. 0: forget what was read before, it is another file, or there is none yet. */
  at: number;
}

/** A file that is complete, and not yet in its place. */
export interface Draft {
  path: string;
  opened: OpenedFile;
  size: number;
}

/**
 * A file that several processes write to at its end, each while it has the lock, and that is replaced as a whole by
 * renaming. What it holds is for others to know.
 */
export class Journal {
  readonly #path: string;
  readonly #durable: boolean;
  readonly #lock: FileLock;
  // Kept open, so that no other file gets its inode: by that one sees that it was replaced.
  #opened: OpenedFile | undefined;
  #size = 0;
  #end = 0;

  /** With `durable`, what was written survives a power failure. */
  constructor(path: string, { lock, durable }: { lock: string; durable: boolean }) {
    this.#path = path;
    this.#lock = new FileLock(lock);
    this.#durable = durable;
  }

  /** Where what was read, or written, ends. */
  get end(): number {
    return this.#end;
  }

  /** Runs it while nobody else has the lock. All that follows is for in here. */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    await this.#lock.acquire();
    try {
      return await work();
    } finally {
      this.#lock.release();
    }
  }

  /** What has been written since the last time; undefined where there is no file. */
  async news(): Promise<News | undefined> {
    const found = await stat(this.#path).catch(ignoringSystem('ENOENT'));
    if (found === undefined) {
      this.forget();
      return undefined;
    }
    const { dev, ino } = this.#opened ?? {};
    if (found.dev !== dev || found.ino !== ino || found.size < this.#end) this.forget();
    this.#opened ??= await native().openFile(this.#path, O_RDWR, 0);
    this.#size = found.size;
    const bytes = Buffer.allocUnsafe(this.#size - this.#end);
    let done = 0;
    while (done < bytes.length) {
      const at = this.#end + done;
      const { bytesRead } = await read(this.#opened.file.fd, bytes, done, bytes.length - done, at);
      if (bytesRead === 0) break; // cut off meanwhile, by somebody who has no lock
      done += bytesRead;
    }
    return { bytes: bytes.subarray(0, done), at: this.#end };
  }

  /** So many of the bytes that are new are whole; what follows is written over. */
  take(length: number): void {
    this.#end += length;
  }

  async append(bytes: Buffer): Promise<void> {
    const fd = (this.#opened as OpenedFile).file.fd;
    if (this.#size > this.#end) await ftruncate(fd, this.#end);
    try {
      await this.#write(fd, bytes, this.#end);
    } catch (error) {
      // Half of it, or what may be lost again: without success it is cut off by who writes next, if it has no end.
      await ftruncate(fd, this.#end).catch(() => undefined);
      throw error;
    }
    this.#end = this.#size = this.#end + bytes.length;
  }

  /** Writes another file, to replace this one by. */
  async draft(bytes: Buffer): Promise<Draft> {
    const path = `${this.#path}.new`;
    const opened = await native().openFile(path, O_RDWR | O_CREAT | O_TRUNC, 0o644);
    try {
      await this.#write(opened.file.fd, bytes, 0);
      return { path, opened, size: bytes.length };
    } catch (error) {
      await discard(path, opened);
      throw error;
    }
  }

  async replaceBy({ path, opened, size }: Draft): Promise<void> {
    try {
      await rename(path, this.#path);
    } catch (error) {
      await discard(path, opened);
      throw error;
    }
    this.forget();
    this.#opened = opened;
    this.#end = this.#size = size;
    if (this.#durable) await syncDirectory(dirname(this.#path));
  }

  /** The next news are from the beginning. */
  forget(): void {
    this.#opened?.file.close();
    this.#opened = undefined;
    this.#size = this.#end = 0;
  }

  close(): void {
    this.forget();
    this.#lock.close();
  }

  async #write(fd: number, bytes: Buffer, at: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      done += (await write(fd, bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    if (this.#durable) await fdatasync(fd);
  }
}

async function discard(path: string, { file }: OpenedFile): Promise<void> {
  file.close();
  await rm(path, { force: true }).catch(() => undefined);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
