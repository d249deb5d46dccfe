import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as library from '../../lib';
import { ROOT } from '../support/cli';

// The package under its own name, as package.json hands it out. What it holds, and that it installs, is for test/support/consumer.sh to see.

/** What a user of the package may write. */
const CONSUMER = `import { addAddr, createNetns, createVeth, type Link, listLinks, type Netns, NetlinkError } from 'rtnetns';
import { afterEach, beforeEach } from 'node:test';
import { use, useLab } from 'rtnetns/test';
export const lab = useLab({ nodes: { a: {} } }, { per: 'test', runner: { afterEach, beforeEach } });
export const names: () => Netns = use(() => createNetns());
export async function main(): Promise<Link[]> {
  await using red: Netns = await createNetns('red');
  await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1', up: true });
  await addAddr(red, 'eth0', '10.0.0.1/24').catch((error: unknown) => {
    if (!(error instanceof NetlinkError)) throw error;
  });
  // @ts-expect-error: a number is no address
  await addAddr(red, 'eth0', 1);
  return listLinks(red);
}`;

/** Node 10 has no way for a package to import itself. */
const OLD = {
  esModuleInterop: false,
  paths: { rtnetns: [join(ROOT, 'dist/index.d.ts')], 'rtnetns/test': [join(ROOT, 'dist/test.d.ts')] },
};

const names = Object.keys(library).sort();

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

describe('package.json', () => {
  test('require finds every name', () => {
    const found = node('-p', `JSON.stringify(Object.keys(require('rtnetns')).sort())`);
    expect(JSON.parse(found)).toEqual(names);
  });

  test('import finds every name by name', () => {
    const program = `import { ${names.join(', ')} } from 'rtnetns';
    const netns = await createNetns();
    console.log((await listLinks(netns)).map(({ name }) => name).join());`;
    expect(node('--input-type=module', '-e', program)).toBe('lo\n');
  });

  test('a class is called as it is exported', () => {
    const found = node(
      '-p',
      `JSON.stringify(Object.entries(require('rtnetns'))
      .filter(([, value]) => /^class\\b/.test(String(value))).map(([name, value]) => [name, value.name]))`,
    );
    const classes = JSON.parse(found) as [string, string][];
    expect(classes.length).toBeGreaterThan(5);
    for (const [name, own] of classes) expect(own).toBe(name);
    expect(
      node(
        '-p',
        `new (require('rtnetns').NetnsError)({ code: 'E', operation: 'o', netns: 'n', reason: 'r' })`,
      ),
    ).toMatch(/^NetnsError: E/);
  });

  test('what a process has used needs no file of the package any more, and what it has not, reports that', () => {
    const directory = mkdtempSync(join(ROOT, 'build', 'loaded-'));
    try {
      cpSync(join(ROOT, 'dist'), join(directory, 'dist'), { recursive: true });
      cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
      symlinkSync(join(ROOT, 'build'), join(directory, 'build'));
      const program = `const library = require(${JSON.stringify(directory)});
      (async () => {
        const [host, member] = await Promise.all([library.createNetns(), library.createNetns()]);
        const network = await library.createBridgeNetwork(host, { name: 'red', subnet: '10.1.0.0/24' });
        require('fs').rmSync(${JSON.stringify(join(directory, 'dist'))}, { recursive: true });
        await network.attach(member);
        await network.publish(member, [{ hostPort: 80, port: 80 }]);
        const found = [(await library.nft.listRuleset(host)).tables.length, (await network.inspect()).members.length];
        await network.detach(member);
        await network.remove();
        const lost = [];
        for (const name of ${JSON.stringify(names)}) {
          const call = library[name];
          if (typeof call !== 'function') continue;
          const [threw, error] = await (async () => {
            let result;
            try { result = call(); } catch (error) { return [true, error]; }
            return [false, await Promise.resolve(result).catch((error) => error)];
          })();
          if (error?.cause?.code === 'MODULE_NOT_FOUND') lost.push([threw ? name : 'async ' + name, error.message]);
        }
        console.log(JSON.stringify([found, lost]));
        process.exit();
      })();`;
      const [found, lost] = JSON.parse(node('-e', program)) as [unknown, [string, string][]];
      expect(found).toEqual([1, 1]);
      const waiting = [
        ...['addBridgeVlan', 'addFdb', 'addMdb'],
        ...[
          'createNetnsPool',
          'createStar',
          'createWorker',
          'deleteStar',
          'exec',
          'flushFdb',
          'getChannels',
          'getCoalesce',
        ],
        ...['getDeviceStatistics', 'getDriverInfo', 'getFeatures', 'setCoalesce'],
        ...['getLinkSettings', 'getPause', 'getRings', 'listBridgeVlans', 'listFdb'],
        ...['listMdb', 'listMulticastRouters', 'ping', 'removeBridgeVlan', 'removeFdb'],
        ...['removeMdb', 'setChannels', 'setFeatures'],
        ...['setPause', 'setRings', 'trace'],
        ...['addVni', 'flushMdb', 'getFdb', 'getMdb', 'listBridgeMst', 'listBridgeVlanGlobals', 'listVnis'],
        ...['createLab', 'destroyLab', 'draw', 'listLabs', 'openLab', 'planLab', 'serveLab', 'sweepLabs'],
        ...['removeVni', 'setBridgeMst', 'setBridgeVlan', 'setBridgeVlanGlobal'],
        ...['readLab', 'getWireguard', 'setWireguard'],
      ].map((name) => `async ${name}`);
      const shapes = ['leafSpine', 'line', 'mesh', 'star', 'tree'];
      expect(lost.map(([name]) => name).sort()).toEqual(
        [...waiting, ...shapes, 'formatTrace', 'generateWireguardKeys', 'spawn', 'wireguardPublicKey'].sort(),
      );
      for (const [, message] of lost) {
        expect(message).toMatch(
          /^rtnetns: a file of the package is missing: it was replaced or removed after /,
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('each copy of the library in a process has parts of its own', () => {
    const program = `const file = require.resolve(${JSON.stringify(ROOT)});
      (async () => {
        const copies = [require(file)];
        delete require.cache[file];
        copies.push(require(file));
        const handles = [];
        for (const library of copies) {
          const netns = await library.createNetns();
          handles.push(netns);
          const { stdout } = await library.exec(netns, 'echo', ['ran']);
          const { tables } = await library.nft.listRuleset(netns);
          const own = Object.getPrototypeOf(library.nft.NftError) === library.NetlinkError;
          console.log(JSON.stringify([stdout, tables.length, own]));
        }
        console.log(await copies[1].exec(handles[0], 'true').catch(({ message }) => JSON.stringify(message)));
      })();`;
    const ran = JSON.stringify(['ran\n', 0, true]);
    const [first, second, mixed] = node('-e', program).split('\n');
    expect([first, second]).toEqual([ran, ran]);
    expect(mixed).toContain('the handle is of another copy of the library');
  });

  describe('types', () => {
    const directory = mkdtempSync(join(ROOT, 'build', 'consumer-'));
    afterAll(() => {
      rmSync(directory, { recursive: true });
    });

    test.each([
      ['node16', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
      ['nodenext', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
      ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
      ['CommonJS without esModuleInterop', ts.ModuleKind.CommonJS, ts.ModuleResolutionKind.Node10, ['cts']],
    ] as const)(
      'are found and sound in a .cts and a .mts file, resolved as %s does',
      (_, module, moduleResolution, extensions: readonly string[] = ['cts', 'mts']) => {
        const files = extensions.map((extension) => join(directory, `consumer.${extension}`));
        for (const file of files) writeFileSync(file, CONSUMER);
        const program = ts.createProgram(files, {
          module,
          moduleResolution,
          ...(moduleResolution === ts.ModuleResolutionKind.Node10 ? OLD : {}),
          target: ts.ScriptTarget.ES2022,
          lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
          types: ['node'],
          strict: true,
          skipLibCheck: false,
          noEmit: true,
        });
        const diagnostics = ts.getPreEmitDiagnostics(program);
        expect(
          diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
        ).toEqual([]);
        // what it is built with is none of its users' business
        const imports = program.getSourceFiles().map(({ fileName }) => fileName);
        expect(
          imports.filter((path) => /node_modules\/(?!typescript|@types\/node|undici-types)/.test(path)),
        ).toEqual([]);
      },
      60_000,
    );
  });
});
