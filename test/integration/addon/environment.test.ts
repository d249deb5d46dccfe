import { program, runProgram } from '../../support/program';

describe('native', () => {
  test('on any other platform importing works, and every call is refused with a clear error', async () => {
    const ended = await runProgram(
      program(
        async ({ rtnetns, tell }) => {
          // nobody can come by a handle there; if one could, it would be of no use
          const descriptor = { fd: 0, close: () => undefined, release: () => 0 };
          const netns = new rtnetns.Netns({ opened: { netns: descriptor, dev: 0, ino: 0 } });
          const net = await import('node:net');
          const route = { to: 'default', via: '10.0.0.1' };
          // what a call needs to get past the check of its arguments, where a device's name and an address do not do
          const special: Record<string, unknown[]> = {
            attachNetns: ['name', netns],
            createNetns: [],
            createNetnsPool: [{ size: 1 }],
            listFilterChains: [netns, 'eth0'],
            createVeth: [{ netns }, { netns }],
            createBridgeNetwork: [netns, { name: 'red', subnet: '10.0.0.0/24' }],
            createBridge: [netns, 'br0'],
            createLab: [{ nodes: { a: {} } }],
            planLab: [{ name: 'name', nodes: { a: {} } }],
            openLab: ['name'],
            destroyLab: ['name'],
            listLabs: [],
            sweepLabs: [{ deadOwners: true }],
            draw: [{ a: netns }],
            createStar: [netns, { bridge: { name: 'br0' }, members: [] }],
            deleteStar: [netns, { bridge: { index: 2, name: 'br0', found: false }, members: [] }],
            createLink: [netns, { kind: 'bridge', name: 'br0' }],
            deleteNetns: ['name'],
            openNetns: ['name'],
            currentNetns: [],
            getNamespaceIds: [],
            getNsid: [netns, netns],
            setNsid: [netns, netns, 1],
            getRoute: [netns, '10.0.0.1'],
            addMplsRoute: [netns, { label: 100, device: 'lo' }],
            removeMplsRoute: [netns, { label: 100 }],
            getMplsRoute: [netns, 100],
            listMplsRoutes: [netns],
            addRoute: [netns, route],
            removeRoute: [netns, route],
            identifyNetns: [],
            netnsPids: ['name'],
            moveLink: [netns, 'eth0', netns],
            renameLink: [netns, 'eth0', 'eth1'],
            enslaveLink: [netns, 'eth0', 'br0'],
            setLink: [netns, 'eth0', { up: true }],
            setBridge: [netns, 'eth0', { stp: true }],
            setBridgePort: [netns, 'eth0', { cost: 1 }],
            ping: [netns, '10.0.0.1'],
            spawn: [netns, 'true'],
            exec: [netns, 'true'],
            getSysctl: [netns, 'net.ipv4.ip_forward'],
            setSysctl: [netns, 'net.ipv4.ip_forward', 1],
            addNeighbor: [netns, 'eth0', '10.0.0.1', { mac: '02:00:00:00:00:01' }],
            removeNeighbor: [netns, 'eth0', '10.0.0.1'],
            addRule: [netns, { from: '10.0.0.1' }],
            removeRule: [netns, { from: '10.0.0.1' }],
            listAddrs: [netns],
            listConntrack: [netns],
            deleteConntrack: [netns],
            listLinks: [netns],
            listNeighbors: [netns],
            listRoutes: [netns],
            listRules: [netns],
            doctor: [netns],
            waitGone: [netns],
            deleteLink: [netns, 'eth0'],
            deleteLinkGroup: [netns, 7],
            capture: [netns, 'eth0'],
            createWorker: [netns, './file.js'],
            watch: [netns],
            watchNetns: [],
            waitForLink: [netns, 'eth0'],
            openAddressPool: [{ directory: '/nowhere', subnet: '10.0.0.0/24' }],
            openSubnetPool: [{ directory: '/nowhere', base: '10.0.0.0/16', prefixLength: 24 }],
            connect: [netns, { port: 80 }],
            createSocket: [netns, 'udp4'],
            listen: [netns, new net.Server()],
            resolve: [netns, 'name.test.'],
            trace: [netns, { to: '10.0.0.1' }],
            waitForPort: [netns, '10.0.0.1', 80],
            flushAddrs: [netns, { device: 'eth0' }],
            addFdb: [netns, 'eth0', '02:00:00:00:00:01'],
            removeFdb: [netns, 'eth0', '02:00:00:00:00:01'],
            listFdb: [netns],
            addBridgeVlan: [netns, 'eth0', 7],
            removeBridgeVlan: [netns, 'eth0', 7],
            listBridgeVlans: [netns],
            setBridgeVlan: [netns, 'eth0', 7, { state: 'blocking' }],
            setBridgeVlanGlobal: [netns, 'br0', 7, { msti: 1 }],
            listBridgeVlanGlobals: [netns],
            setBridgeMst: [netns, 'eth0', 2, { state: 'blocking' }],
            listBridgeMst: [netns],
            addVni: [netns, 'vx0', 7],
            removeVni: [netns, 'vx0', 7],
            listVnis: [netns],
            getFdb: [netns, 'eth0', '02:00:00:00:00:01'],
            getMdb: [netns, 'br0', '239.1.1.1'],
            flushFdb: [netns, 'br0'],
            flushMdb: [netns, 'br0'],
            flushNexthops: [netns, { family: 4 }],
            listNexthopBuckets: [netns],
            addMdb: [netns, 'br0', '239.1.1.1'],
            removeMdb: [netns, 'br0', '239.1.1.1'],
            listMdb: [netns],
            listMulticastRouters: [netns],
            openTun: [netns, 'tun0', { mode: 'tun' }],
            setChannels: [netns, 'eth0', { rx: 1 }],
            setCoalesce: [netns, 'eth0', { rxFrames: 1 }],
            setFeatures: [netns, 'eth0', { gro: true }],
            setPause: [netns, 'eth0', { rx: true }],
            setRings: [netns, 'eth0', { rx: 64 }],
            getWireguard: [netns, 'wg0'],
            setWireguard: [netns, 'wg0', { listenPort: 51820 }],
            addAltName: [netns, 'eth0', 'other'],
            removeAltName: [netns, 'eth0', 'other'],
            getLink: [netns, 'eth0'],
            flushNeighbors: [netns, { device: 'eth0' }],
            getNeighbor: [netns, 'eth0', '10.0.0.1'],
            listNeighborTables: [netns],
            setNeighborTable: [netns, 4, { device: 'eth0', baseReachableTime: 5000, unicastProbes: 1 }],
            requestRaw: [netns, { type: 18, header: new Uint8Array(16) }],
            flushRoutes: [netns, { table: 'main' }],
            addNexthop: [netns, { via: '10.0.0.1', device: 'eth0' }],
            getNexthop: [netns, 7],
            listNexthops: [netns],
            removeNexthop: [netns, 7],
            flushRules: [netns, { table: 100 }],
            clearImpairment: [netns, 'eth0'],
            setImpairment: [netns, 'eth0', { delay: 50 }],
            addQdisc: [netns, 'eth0', { kind: 'pfifo' }],
            listQdiscs: [netns],
            removeQdisc: [netns, 'eth0'],
            setQdisc: [netns, 'eth0', { kind: 'pfifo', limit: 7 }],
            addClass: [netns, 'eth0', { kind: 'htb', handle: '1:10', rate: 1000000 }],
            removeClass: [netns, 'eth0', { handle: '1:10' }],
            setClass: [netns, 'eth0', { kind: 'htb', handle: '1:10', rate: 1000000 }],
            addFilter: [netns, 'eth0', { kind: 'matchall', parent: 'ingress' }],
            listFilters: [netns, 'eth0'],
            removeFilter: [netns, 'eth0', { parent: 'ingress' }],
            addFilterChain: [netns, 'eth0', { parent: 'ingress', chain: 5 }],
            removeFilterChain: [netns, 'eth0', { parent: 'ingress', chain: 5 }],
          };
          for (const [name, value] of Object.entries(rtnetns)) {
            if (typeof value !== 'function' || /^[A-Z]/.test(name)) continue;
            // these call nothing before they are used, and then connect or list; the others only read, write and count
            const lazy = [
              ...['connector', 'httpAgent', 'httpsAgent', 'iterateRoutes'],
              ...['formatTrace', 'u32Keys', 'readLab'],
              ...['generateWireguardKeys', 'wireguardPublicKey'],
              ...['star', 'line', 'mesh', 'tree', 'leafSpine'],
              'serveLab', // of a lab, which cannot be there
            ];
            if (lazy.includes(name)) continue;
            const call = value as unknown as (...args: unknown[]) => unknown;
            const args = special[name] ?? [netns, 'eth0', '10.0.0.1/24'];
            try {
              await call(...args);
              tell([name, 'did not fail']);
            } catch (error) {
              tell([name, (error as Error).message]);
            }
          }
        },
        undefined,
        `Object.defineProperty(process, 'platform', { value: 'darwin' });`,
      ),
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const told = ended.told as [string, string][];
    expect(told.length).toBeGreaterThan(30);
    expect(told.filter(([, message]) => !message.includes('works on Linux only'))).toEqual([]);
  });

  test('a forgotten handle is closed by its finalizer', async () => {
    const ended = await runProgram(
      program(async ({ rtnetns, fs, tell, holdings }) => {
        const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
        const descriptors = async () => {
          for (let i = 0; i < 5; i++) {
            globalThis.gc?.();
            await pause();
          }
          return holdings(fs).descriptors;
        };
        await rtnetns.createNetns();
        const before = await descriptors();
        const forget = async () => {
          const handles = await Promise.all(Array.from({ length: 20 }, () => rtnetns.createNetns()));
          tell(holdings(fs).descriptors - before);
          return handles.length;
        };
        await forget();
        tell((await descriptors()) - before);
      }),
      { flags: ['--expose-gc'] },
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    // the namespace and a socket each
    expect(ended.told).toEqual([40, 0]);
  });
});
