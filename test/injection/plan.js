'use strict';
// What the preloaded library is to do, in the file that it has mapped: see preload.c, which has its layout.
const { spawnSync } = require('node:child_process');
const { closeSync, mkdirSync, openSync, readSync, renameSync, statSync, writeSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');

const ROOT = join(__dirname, '../..');
const SOURCE = join(__dirname, 'preload.c');
const DIRECTORY = join(ROOT, 'build/injection');
const LIBRARY = join(DIRECTORY, 'preload.so');

const HEADER_SIZE = 32;
const ROW_SIZE = 32;
const NAME_SIZE = 28;
/** In the place of an errno: the thread that makes the call ends, as by seccomp's KILL_THREAD. */
const END_OF_THREAD = 0x7fffffff;

const AT = { armed: 0, call: 4, first: 8, last: 12, error: 16, failed: 20, calls: 24 };

/** Builds the library where its source is newer. @returns its path. */
function library() {
  const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (time(LIBRARY) >= time(SOURCE)) return LIBRARY;
  mkdirSync(DIRECTORY, { recursive: true });
  const args = [
    '-std=gnu11',
    '-O1',
    '-fexceptions',
    '-Wall',
    '-Wno-array-parameter',
    '-Werror',
    '-shared',
    '-fPIC',
  ];
  // under another name first, because another process may have it mapped, or build it as well
  const built = `${LIBRARY}.${process.pid}`;
  const { status, stderr } = spawnSync('cc', [...args, '-o', built, SOURCE, '-ldl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${SOURCE} cannot be built:\n${stderr}`);
  renameSync(built, LIBRARY);
  return LIBRARY;
}

/** The plan of this process. */
class Plan {
  constructor(path) {
    this.file = openSync(path, 'r+');
    this.rows = Array.from({ length: this.#read(AT.calls) }, (_, i) => {
      const name = Buffer.alloc(NAME_SIZE);
      readSync(this.file, name, 0, NAME_SIZE, HEADER_SIZE + i * ROW_SIZE);
      return {
        name: name.toString('latin1').replace(/\0.*$/, ''),
        at: HEADER_SIZE + i * ROW_SIZE + NAME_SIZE,
      };
    });
  }

  /**
   * From now on calls are counted. Of `call`, if it is one of the addon's, the `nth` fails; with `always`, all that come
   * later as well.
   */
  arm({ call, nth, errno, always = false } = {}) {
    for (const { at } of this.rows) this.#write(at, 0);
    const number = this.rows.findIndex(({ name }) => name === call);
    const first = number < 0 ? 0 : nth;
    this.#write(AT.call, Math.max(number, 0));
    this.#write(AT.first, first);
    this.#write(AT.last, always && first > 0 ? 0xffffffff : first);
    this.#write(AT.error, errno === 'KILLED' ? END_OF_THREAD : (constants.errno[errno] ?? 0));
    this.#write(AT.failed, 0);
    this.#write(AT.armed, 1);
  }

  /** @returns how often the call failed, and how often each was made. */
  disarm() {
    this.#write(AT.armed, 0);
    const made = this.rows.map(({ name, at }) => [name, this.#read(at)]).filter(([, count]) => count > 0);
    return { failed: this.#read(AT.failed), counts: Object.fromEntries(made) };
  }

  close() {
    closeSync(this.file);
  }

  #read(at) {
    const bytes = Buffer.alloc(4);
    readSync(this.file, bytes, 0, 4, at);
    return bytes.readUInt32LE();
  }

  #write(at, value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    writeSync(this.file, bytes, 0, 4, at);
  }
}

module.exports = { library, Plan, ROOT };
