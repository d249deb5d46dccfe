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

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/** Bytes of a log that were not read before. */
export interface NewBytes {
  bytes: Buffer;
  /** Where the bytes begin. 0: what was read before is void, because the file was replaced. */
  at: number;
}

/** A file that is complete, and has not replaced the log yet. */
export interface Draft {
  path: string;
  opened: OpenedFile;
  size: number;
}

/**
 * A file that several processes append to, each while it has the lock, or replace as a whole by renaming. The class knows
 * nothing of the content.
 */
export class SharedLog {
  readonly #path: string;
  readonly #durable: boolean;
  readonly #lock: FileLock;
  // The file is kept open, so that no other file gets its inode: another inode means that the file was replaced.
  #opened: OpenedFile | undefined;
  #size = 0;
  #end = 0;

  /** `durable`: what was written survives a power failure. */
  constructor(path: string, { lock, durable }: { lock: string; durable: boolean }) {
    this.#path = path;
    this.#lock = new FileLock(lock);
    this.#durable = durable;
  }

  /** Where the bytes that were accepted, or appended, end. */
  get end(): number {
    return this.#end;
  }

  /** Runs work while this object has the lock. The methods below are for such work alone. */
  async withLock<T>(work: () => Promise<T>): Promise<T> {
    await this.#lock.acquire();
    try {
      return await work();
    } finally {
      this.#lock.release();
    }
  }

  /** Reads the bytes that follow those that were accepted; undefined where there is no file. */
  async readNew(): Promise<NewBytes | undefined> {
    const found = await stat(this.#path).catch(ignoringSystem('ENOENT'));
    if (found === undefined) {
      this.reset();
      return undefined;
    }
    const { dev, ino } = this.#opened ?? {};
    if (found.dev !== dev || found.ino !== ino || found.size < this.#end) this.reset();
    this.#opened ??= await native().openFile(this.#path, O_RDWR | O_NOFOLLOW, 0);
    this.#size = found.size;
    const bytes = Buffer.allocUnsafe(this.#size - this.#end);
    let done = 0;
    while (done < bytes.length) {
      const at = this.#end + done;
      const { bytesRead } = await read(this.#opened.file.fd, bytes, done, bytes.length - done, at);
      if (bytesRead === 0) break; // a program that ignores the lock has truncated the file
      done += bytesRead;
    }
    return { bytes: bytes.subarray(0, done), at: this.#end };
  }

  /** Accepts so many of the new bytes. The next append overwrites what follows. */
  accept(length: number): void {
    this.#end += length;
  }

  /** Appends bytes behind those that were accepted. */
  async append(bytes: Buffer): Promise<void> {
    const fd = (this.#opened as OpenedFile).file.fd;
    if (this.#size > this.#end) await ftruncate(fd, this.#end);
    try {
      await this.#write(fd, bytes, this.#end);
    } catch (error) {
      // Some bytes may be written, or not be durable. If this truncation fails, too, the next append does it, because the
      // store accepts no line without its end.
      await ftruncate(fd, this.#end).catch(() => undefined);
      throw error;
    }
    this.#end = this.#size = this.#end + bytes.length;
  }

  /** Writes a file that can replace this one. */
  async draft(bytes: Buffer): Promise<Draft> {
    const path = `${this.#path}.new`;
    await rm(path, { force: true }); // of a process that was killed
    const opened = await native().openFile(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
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
    this.reset();
    this.#opened = opened;
    this.#end = this.#size = size;
    if (this.#durable) await syncDirectory(dirname(this.#path));
  }

  /** Forgets what was read: the next `readNew` reads from the beginning. */
  reset(): void {
    this.#opened?.file.close();
    this.#opened = undefined;
    this.#size = this.#end = 0;
  }

  close(): void {
    this.reset();
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
