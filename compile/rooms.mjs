// Divides the library into the files of dist/: the core, which nearly every program needs, and a room, a file of its own, for
// each other folder of lib/. For a process pays for each line that it reads. It reads the file of a room when it first calls a
// function of the room, together with those of the rooms that this one imports, and nothing of them later: what it has made, it
// can take away, even where a new version has taken the place of these files meanwhile.
import { createHash } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';

const CORE = 'index';
const CORE_FOLDERS = ['addon', 'addresses', 'common', 'links', 'netlink', 'netns', 'pool', 'routes'];

const LOST =
  'rtnetns: a file of the package is missing: it was replaced or removed after the process had begun, the process may not ' +
  'read it any more, or a bundler left it out';

const quoted = JSON.stringify;
const fields = (pairs) => `{ ${pairs.map(([name, value]) => `${quoted(name)}: () => ${value}`).join(', ')} }`;

/** The modules of a room that others import, by their paths. */
const doors = (paths) => fields(paths.map((path) => [path, `require(${quoted(resolve(path))})`]));

// The file of a room is a function that takes the way to other rooms, and returns its own modules. Each core has its own, because
// there may be several: in jest, or where somebody clears node's cache.
const ROOM_BEGINS = 'module.exports = (room) => { const module = { exports: {} };';
const ROOM_ENDS = 'return module.exports; };';
const roomText = (paths, needed) => `${quoted(needed)}.forEach(room); module.exports = ${doors(paths)};`;

/** What the core has besides: the way to all rooms. */
const wayText = (paths, files, netnsError) => `
  const rooms = { ${CORE}: ${doors(paths)} };
  const files = ${fields(Object.entries(files).map(([room, file]) => [room, `require('./${file}')`]))};
  exports.room = (name) => (rooms[name] ??= read(name)(exports.room));
  function read(name) {
    let found, cause;
    try { found = files[name](); }
    catch (error) { cause = error; }
    // a file that is empty is a module, too
    if (typeof found === 'function') return found;
    if (cause !== undefined && cause.code !== 'MODULE_NOT_FOUND')
      throw require(${quoted(netnsError)}).toNetnsError(cause, 'read of the library', name);
    throw new Error(${quoted(LOST)}, { cause });
  }`;

/** A module of another room. */
const door = (room, path) => `require('rooms').room(${quoted(room)})[${quoted(path)}]()`;

/** The same for those who use the library: its functions are there before its file is read, and reject where it cannot be. */
function calledText(room, path) {
  const exported = Object.entries(createRequire(resolve(path))(resolve(path)));
  const functions = exported.filter(([, value]) => typeof value === 'function');
  return functions.map(([name, { length, constructor }]) => {
    const parameters = Array.from({ length }, (_, i) => `_${i}`);
    const begin = constructor.name === 'AsyncFunction' ? 'async function' : 'function';
    return `exports.${name} = ${begin} ${name}(${parameters}) { return ${door(room, path)}.${name}(...arguments); };`;
  });
}

/**
 * The room of each module: its folder, or the core, which has what is always evaluated, too. A package is in the room that
 * alone imports it.
 */
function roomsOf(graph, directory, always) {
  const packageOf = (path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
  const importersOf = (name) =>
    Object.keys(graph).filter(
      (other) =>
        packageOf(other) !== name &&
        graph[other].imports.some((imported) => packageOf(imported.path) === name),
    );
  const roomOf = (path) => {
    const name = packageOf(path);
    if (name !== undefined) {
      const [room, ...others] = new Set(importersOf(name).map(roomOf));
      return others.length > 0 ? CORE : room;
    }
    const [folder] = relative(directory, path).split('/');
    return always.includes(path) || CORE_FOLDERS.includes(folder) ? CORE : folder;
  };
  return new Map(Object.keys(graph).map((path) => [path, roomOf(path)]));
}

/** Has the bundler ask for a module of another room there. */
const linked = (graph, rooms, entry, own, texts) => ({
  name: 'rooms',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:room|rooms)$/ }, ({ path }) => ({ path, namespace: 'text' }));
    onResolve({ filter: /^\.\//, namespace: 'text' }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /./, namespace: 'file' }, ({ path, importer }) => {
      const from = relative('.', importer);
      // none for a module of node's, and for the entry
      const target = graph[from]?.imports.find(({ original }) => original === path)?.path;
      if (target === undefined || rooms.get(target) === own) return undefined;
      return { path: target, namespace: from === entry ? 'called' : 'elsewhere' };
    });
    onLoad({ filter: /./, namespace: 'elsewhere' }, ({ path }) => ({
      contents: `module.exports = ${door(rooms.get(path), path)};`,
      resolveDir: '.',
    }));
    onLoad({ filter: /./, namespace: 'called' }, ({ path }) => ({
      contents: calledText(rooms.get(path), path).join('\n'),
      resolveDir: '.',
    }));
    onLoad({ filter: /./, namespace: 'text' }, ({ path }) => ({ contents: texts[path], resolveDir: '.' }));
  },
});

/** Names a file by what is in it, too: that of another version, which has taken its place, is not taken for it. */
async function withHash(file) {
  const hash = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 8);
  const named = file.replace(/js$/, `${hash}.js`);
  await rename(file, named);
  return named;
}

/** Writes the files of the library to dist/. Returns the paths of all modules that they have. */
export async function bundleRooms(directory, always, options, finish) {
  const entry = `${directory}/index.js`;
  const whole = await build({ ...options, entryPoints: [entry], write: false, metafile: true });
  const graph = whole.metafile.inputs;
  const rooms = roomsOf(graph, directory, always);
  // the modules that one room imports of another, each time
  const crossings = Object.entries(graph).flatMap(([path, { imports }]) =>
    imports.flatMap((imported) => {
      const [from, to] = [rooms.get(path), rooms.get(imported.path)];
      return to === undefined || from === to ? [] : [{ from, to, path: imported.path }];
    }),
  );
  const importedOf = (room) => [...new Set(crossings.flatMap(({ to, path }) => (to === room ? path : [])))];
  const neededBy = (room) => [
    ...new Set(crossings.flatMap(({ from, to }) => (from === room && to !== CORE ? to : []))),
  ];
  const write = async (room, entryPoint, texts) => {
    const outfile = `dist/${room}.js`;
    const [js = '', end = ''] = room === CORE ? [] : [ROOM_BEGINS, ROOM_ENDS];
    await build({
      ...options,
      banner: { js },
      footer: { js: end },
      entryPoints: [entryPoint],
      outfile,
      plugins: [linked(graph, rooms, entry, room, texts)],
    });
    await finish(outfile);
    return outfile;
  };
  const files = {};
  for (const room of new Set(rooms.values())) {
    if (room === CORE) continue;
    const text = roomText(importedOf(room), neededBy(room));
    const file = await write(room, 'room', { room: text, rooms: 'exports.room = room;' });
    files[room] = relative('dist', await withHash(file));
  }
  const netnsError = resolve(directory, 'netns/netns-error.js');
  await write(CORE, entry, { rooms: wayText(importedOf(CORE), files, netnsError) });
  return Object.keys(graph);
}
