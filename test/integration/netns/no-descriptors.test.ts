// What a process without a descriptor to spare is told: always a typed error with a way out, never a bare one.
import { type Ended, program, start } from '../../support/program';

/** Calls of every sort of socket and file; `spare` is how many descriptors there are for them. */
function attempts({ rtnetns, fs, tell }: Parameters<Parameters<typeof program>[0]>[0], spare: number) {
  const { nft } = rtnetns;
  type Handle = Awaited<ReturnType<typeof rtnetns.createNetns>>;
  const first = async (events: AsyncIterable<unknown>) => {
    for await (const event of events) return event;
    return undefined;
  };
  const signal = () => AbortSignal.timeout(100);
  const calls: Record<string, (netns: Handle) => Promise<unknown>> = {
    openNetns: async () => rtnetns.openNetns({ path: '/proc/self/ns/net' }),
    listNetns: async () => rtnetns.listNetns(),
    netnsPids: async (netns) => rtnetns.netnsPids(netns),
    waitGone: async (netns) => rtnetns.waitGone(netns, { signal: signal() }),
    getSysctl: async (netns) => rtnetns.getSysctl(netns, 'net.ipv4.ip_forward'),
    listRuleset: async (netns) => nft.listRuleset(netns),
    apply: async (netns) => nft.apply(netns, [nft.addTable({ family: 'inet', name: 't' })]),
    watchRuleset: async (netns) => first(nft.watchRuleset(netns, { signal: signal() })),
    watchTrace: async (netns) => first(nft.watchTrace(netns, { signal: signal() })),
    listConntrack: async (netns) => rtnetns.listConntrack(netns),
    watch: async (netns) => first(rtnetns.watch(netns, { links: true }, { signal: signal() })),
    watchNetns: async () => first(rtnetns.watchNetns({ signal: signal() })),
    // one descriptor is enough for it, and then no server answers
    ...(spare === 0 && {
      resolve: async (netns: Handle) => rtnetns.resolve(netns, 'x.test', { signal: signal() }),
    }),
    exec: async (netns) => rtnetns.exec(netns, 'true'),
    'exec of a missing command': async (netns) => rtnetns.exec(netns, 'no-such-command'),
    waitForLink: async (netns) => rtnetns.waitForLink(netns, 'lo'),
    ping: async (netns) => rtnetns.ping(netns, '127.0.0.1', { timeout: 100 }),
    capture: async (netns) => first(rtnetns.capture(netns, 'lo', { duration: 100 })),
    trace: async (netns) => rtnetns.trace(netns, { to: '127.0.0.1', port: 80, from: netns }),
    createBridgeNetwork: async (netns) =>
      rtnetns.createBridgeNetwork(netns, { name: 'shop', subnet: '10.0.0.0/24' }),
  };
  const bare: unknown[] = [];
  const run = async () => {
    for (const [name, call] of Object.entries(calls)) {
      const netns = await rtnetns.createNetns();
      await rtnetns.setLink(netns, 'lo', { up: true });
      const taken: number[] = [];
      try {
        for (;;) taken.push(fs.openSync('/dev/null', 'r'));
      } catch {
        for (let i = 0; i < spare; i++) fs.closeSync(taken.pop()!);
      }
      await call(netns).catch((reason: unknown) => {
        const error = reason as Error & { code?: string };
        const typed = ['NetnsError', 'NetlinkError', 'NftError', 'NetworkError'].includes(error.name);
        if (!typed && error.name !== 'TimeoutError') bare.push([name, error.name, error.message]);
        else if (error.code === 'EMFILE' && !error.message.includes('ulimit -n'))
          bare.push([name, error.message]);
      });
      taken.forEach((fd) => fs.closeSync(fd));
      netns.close();
    }
    tell(bare);
    process.exit();
  };
  void run();
}

describe('NetnsError', () => {
  test.each([0, 1])('is the error where as many descriptors are left: %d', async (spare) => {
    const wrapper = ['sh', '-c', 'ulimit -n 80; exec "$@"', 'sh'];
    const { told, stderr }: Ended = await start(program(attempts, spare), { wrapper }).ended;
    expect({ told, stderr }).toEqual({ told: [[]], stderr: '' });
  });
});
