import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ignoringSystem } from '../common/system-error';
import { native, type OpenedFile } from '../addon/native';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/**
 * A lock between processes, and between several objects of one process: a lock file, which is never removed. The kernel
 * releases the lock when the process that holds it ends, however it ends.
 */
export class FileLock {
  readonly #path: string;
  #opened: OpenedFile | undefined;

  constructor(path: string) {
    native(); // throws where the addon is missing, before a file is created
    this.#path = path;
  }

  /** Resolves when this object has the lock. Must not be called while the object has the lock, or waits for it. */
  async acquire(): Promise<void> {
    for (;;) {
      // Mode 0600, because any user who may open the file may lock it.
      this.#opened ??= await native().openFile(this.#path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
      try {
        await native().lockFile(this.#opened.file);
        if (await isAt(this.#path, this.#opened)) return;
      } catch (error) {
        this.close();
        throw error;
      }
      this.close(); // somebody removed the file, and other processes lock the file that is there now
    }
  }

  release(): void {
    // closing unlocks for certain
    if (this.#opened !== undefined && !native().unlockFile(this.#opened.file)) this.close();
  }

  close(): void {
    this.#opened?.file.close();
    this.#opened = undefined;
  }
}

async function isAt(path: string, { dev, ino }: OpenedFile): Promise<boolean> {
  const found = await stat(path).catch(ignoringSystem('ENOENT'));
  return found?.dev === dev && found.ino === ino;
}
