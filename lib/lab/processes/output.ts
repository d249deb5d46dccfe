import type { Readable } from 'node:stream';
import { unlessAborted } from '../../common/abort';

/** Characters that are kept of what a process writes, and of one line that has no end yet. */
const LONGEST = 65_536;

type Watcher = (line: string) => void;

/** What a process writes, to standard output and to standard error. */
export class Output {
  #tail = '';
  readonly #watchers = new Set<Watcher>();

  /** `heard` is called after each part of it. */
  constructor(
    streams: readonly Readable[],
    private readonly heard: () => void,
  ) {
    for (const stream of streams) this.#read(stream);
  }

  /** The last of it. */
  get tail(): string {
    return this.#tail;
  }

  /** Resolves when a line has a text in it, which need not have its end yet. */
  async line(text: string, signal: AbortSignal): Promise<void> {
    let watcher: Watcher = () => undefined;
    const found = new Promise<void>((resolve) => {
      watcher = (line) => {
        if (line.includes(text)) resolve();
      };
    });
    this.#watchers.add(watcher);
    try {
      await unlessAborted(signal, found);
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  #read(stream: Readable): void {
    let begun = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-LONGEST);
      const lines = (begun + text).split('\n');
      begun = (lines.at(-1) ?? '').slice(-LONGEST);
      for (const watcher of this.#watchers) lines.forEach(watcher);
      this.heard();
    });
  }
}
