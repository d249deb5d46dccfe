import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ignoringSystem } from '../common/system-error';
import { native, type OpenedFile } from '../addon/native';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/**
 * A lock between processes, and between the users of one: a file, which stays where it is. The kernel releases it when
 * its holder ends, however that happens.
 */
export class FileLock {
  readonly #path: string;
  #opened: OpenedFile | undefined;

  constructor(path: string) {
    native(); // refuses where there is none, before anything is made
    this.#path = path;
  }

  /** Resolves when nobody else has it. Not to be asked for by one who has it, or waits for it. */
  async acquire(): Promise<void> {
    for (;;) {
      // for nobody but its owner: who may read it, may lock it
      this.#opened ??= await native().openFile(this.#path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
      await native().lockFile(this.#opened.file);
      try {
        if (await isAt(this.#path, this.#opened)) return;
      } catch (error) {
        this.close();
        throw error;
      }
      this.close(); // somebody has removed the file: others lock the one that is there now
    }
  }

  release(): void {
    if (this.#opened !== undefined) native().unlockFile(this.#opened.file);
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
