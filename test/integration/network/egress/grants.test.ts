// Grants and limits: who takes them back, who else sees them, and what is left.
import { createBridgeNetwork, createNetns, deleteNetns, type EgressOptions } from '../../../../lib';
import { ask, askUdp, question } from '../../../support/dns';
import { connected, ECHO } from '../../../support/echo';
import { a, egressScene, GATEWAY, OTHER, passes, RED, WEB } from '../../../support/egress';
import { failure, node, run, until } from '../../../support/ip';
import { createLab, elements, everything, LAN, member, python } from '../../../support/lab';

describe('BridgeNetwork.allow', () => {
  test('grants add up, and each is taken back', async () => {
    await using red = await egressScene();
    const { network, client } = red;
    red.use(await python(red.lan, ECHO, '7', '8'));
    // but for the state of the member, which is another one each time
    const ruleset = async () => (await run(red.host, 'nft', 'list', 'ruleset')).replace(/ \. 0x\w+ }/, '');
    const before = await ruleset();
    const seven = { domains: ['www.test', 'other.test'], ports: [7] };
    const grant = await network.allow(client, seven);
    await network.allow(client, { domains: ['*.test'], ports: [8, 80] });
    const again = await network.allow(client, {
      ports: [{ port: 7, protocol: 'tcp' }],
      domains: ['other.test', 'WWW.test'],
    });
    expect([grant, again]).toMatchObject([
      { domains: ['other.test', 'www.test'] },
      { domains: ['other.test', 'www.test'] },
    ]);
    const [{ allowed } = {}] = (await network.inspect()).members;
    expect(allowed).toHaveLength(2);
    expect(await ask(client, GATEWAY, ['www.test'], ['other.test'])).toEqual([[WEB[4]], [OTHER[4]]]);
    const answers = await connected(red, client, [
      ['tcp', WEB[4], 7],
      ['tcp', WEB[4], 8],
      ['tcp', OTHER[4], 8],
    ]);
    expect(await answers()).toEqual([true, true, true]);

    expect(await network.deny(client, { domains: ['www.test'], ports: [7] })).toBe(false);
    expect(await answers()).toEqual([true, true, true]);
    expect(await network.deny(client, seven)).toBe(true);
    expect(await answers()).toEqual([false, true, true]);
    expect(await passes(client, [WEB[4], 7], [WEB[4], 80], [OTHER[4], 80])).toEqual([false, true, true]);
    // what is gone may be taken back again
    await grant.revoke();
    await again[Symbol.asyncDispose]();
    {
      await using one = await network.allow(client, { domains: ['other.test'] });
      expect(one.ports).toBeUndefined();
      await ask(client, GATEWAY, ['other.test']);
      expect(await passes(client, [OTHER[4], 443])).toEqual([true]);
    }
    expect(await passes(client, [OTHER[4], 443], [OTHER[4], 80])).toEqual([false, true]);
    expect(await network.allowAll(client)).toBe(true);
    expect(await network.allowAll(client)).toBe(false);
    expect(await passes(client, [OTHER[4], 443], [LAN[4], 80])).toEqual([true, true]);
    expect(await ask(client, GATEWAY, ['other.test'])).toEqual([[OTHER[4]]]);
    // nothing is left in the way of packets
    expect(await ruleset()).toBe(before);
  });

  test('limits stay without a process, and others go on with them', async () => {
    await using red = await egressScene();
    const { network, client, host } = red;
    await network.allow(client, { domains: ['www.test'], ports: [80] });
    await ask(client, GATEWAY, ['www.test']);
    network.close();
    expect(await passes(client, [WEB[4], 80], [OTHER[4], 80])).toEqual([true, false]);
    await using later = await createBridgeNetwork(host, { ...RED, dns: { forward: [LAN[4]] } });
    const [{ allowed } = {}] = (await later.inspect()).members;
    expect(allowed).toEqual([{ domains: ['www.test'], ports: [{ port: 80, protocol: 'tcp' }] }]);
    expect(await ask(client, GATEWAY, ['other.test'])).toEqual(['ENOTFOUND']);
    // another process allows, and this one resolves
    const said = await node(`
      const [host, client] = await Promise.all(['host', 'client'].map((name) => rtnetns.openNetns(name)));
      const network = await rtnetns.createBridgeNetwork(host, ${JSON.stringify(RED)});
      await network.allow(client, { domains: ['other.test'], ports: [80] });
      say((await network.inspect()).members[0].allowed.length);
      network.close();
    `);
    expect(said).toEqual([2]);
    expect(await ask(client, GATEWAY, ['other.test'])).toEqual([[OTHER[4]]]);
    expect(await passes(client, [OTHER[4], 80])).toEqual([true]);
    for (const one of allowed as EgressOptions[]) expect(await later.deny(client, one)).toBe(true);
    expect(await passes(client, [WEB[4], 80], [OTHER[4], 80])).toEqual([false, true]);
  });

  test('a member that comes later with the same address has nothing of it', async () => {
    await using red = await egressScene();
    const { network, client, host } = red;
    await network.allow(client, { domains: ['www.test'] });
    await ask(client, GATEWAY, ['www.test']);
    await network.detach(client);
    expect(await run(host, 'nft', 'list', 'tables')).toBe('table inet rtnetns\n');
    expect(await run(host, 'nft', 'list', 'sets')).not.toMatch(/limited|allowed/);
    await network.attach(client, { address: '10.1.0.2' });
    expect(await passes(client, [OTHER[4], 80])).toEqual([true]);
    await network.allow(client, { domains: ['other.test'] });
    expect(await passes(client, [WEB[4], 80], [OTHER[4], 80])).toEqual([false, false]);
    // one whose namespace is gone
    const gone = await createNetns();
    await network.attach(gone);
    await network.allow(gone, { domains: ['www.test'] });
    await ask(gone, GATEWAY, ['www.test']);
    await deleteNetns(gone, { wait: true });
    await network.repair();
    expect(JSON.stringify(await elements(host, 'allowed4'))).not.toContain('10.1.0.3');
    expect(await elements(host, 'checked')).toHaveLength(1);
  });

  test('nothing is left of a network, and others keep theirs', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const before = await everything(host);
    const [one, other] = [await member(lab), await member(lab)];
    const red = await createBridgeNetwork(host, RED);
    await red.attach(one);
    await red.allow(one, { domains: ['www.test'], ports: [443] });
    const blue = await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24' });
    const { port } = await blue.attach(other);
    await blue.allow(other, { domains: ['*.test'] });
    await red.remove();
    expect(await elements(host, 'checked')).toEqual([port]);
    expect((await elements(host, 'allowed4')).length).toBe(2); // the resolver by UDP and TCP
    await blue.remove();
    expect(await everything(host)).toEqual(before);
  });

  test('what cannot be allowed', async () => {
    await using red = await egressScene();
    const { network, client, host } = red;
    const stranger = await member(red);
    const allowed = { domains: ['www.test'] };
    for (const attempt of [
      network.allow(stranger, allowed),
      network.deny(stranger, allowed),
      network.allowAll(stranger),
      network.allow(client, allowed, { name: 'eth1' }),
    ]) {
      expect(await failure(attempt)).toMatchObject({
        name: 'NetworkError',
        code: 'ERR_NOT_A_MEMBER',
        network: 'red',
      });
    }
    await using closed = await createBridgeNetwork(host, {
      name: 'blue',
      subnet: '10.2.0.0/24',
      internal: true,
    });
    await closed.attach(stranger, { name: 'eth1' });
    expect(await failure(closed.allow(stranger, allowed, { name: 'eth1' }))).toMatchObject({
      code: 'ERR_NETWORK_INTERNAL',
    });
    await closed.remove();
    const grant = await network.allow(client, allowed);
    await network.detach(client);
    await grant.revoke();
    const events = network.refusals();
    await events.next();
    const next = events.next();
    network.close();
    expect(await failure(next)).toMatchObject({ code: 'ERR_NETWORK_CLOSED' });
    await grant.revoke();
    expect(() => network.refusals()).toThrow('ERR_NETWORK_CLOSED');
    const signal = AbortSignal.abort(new Error('enough'));
    await using open = await createBridgeNetwork(host, RED);
    expect(await failure(open.refusals({ signal }).next())).toMatchObject({ message: 'enough' });
  });

  test('what is asked for while a grant is taken back is not reached after that', async () => {
    await using red = await egressScene();
    const { network, client, zone, host } = red;
    const names = Array.from({ length: 40 }, (_, i) => `n${i}.test`);
    names.forEach((name, i) => (zone[name] = [a(name, `198.41.1.${i}`)]));
    for (let round = 0; round < 5; round++) {
      const grant = await network.allow(client, { domains: ['*.test'], ports: [80] });
      const asking = ask(client, GATEWAY, ...names.map((name) => [name] as const));
      await until(async () => (await elements(host, 'allowed4')).length > 2);
      await grant.revoke();
      const left = await elements(host, 'allowed4');
      expect((await asking).filter((found) => found === 'ENOTFOUND').length).toBeLessThanOrEqual(40);
      expect([left.length, (await elements(host, 'allowed4')).length]).toEqual([2, 2]);
    }
  });

  test('two hundred members, each with names of its own, are as many elements and no rule more', async () => {
    await using red = await egressScene();
    const { network, zone, host } = red;
    const rules = async () => {
      const listed = await run(host, 'nft', '-s', 'list', 'ruleset');
      return listed.split('\n').filter((line) => /accept|drop|goto|reject|set update/.test(line)).length;
    };
    const members = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const netns = await member(red);
        await network.attach(netns);
        const name = `m${i}.test`;
        zone[name] = [a(name, i % 2 === 0 ? WEB[4] : OTHER[4])];
        return {
          netns,
          name,
          allowed: i % 2 === 0 ? WEB[4] : OTHER[4],
          refused: i % 2 === 0 ? OTHER[4] : WEB[4],
        };
      }),
    );
    await network.allow(red.client, { domains: [] });
    const before = await rules();
    const begin = performance.now();
    await Promise.all(
      members.map(async ({ netns, name }) =>
        network.allow(netns, { domains: [name, '*.own.test'], ports: [80, 443] }),
      ),
    );
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(await rules()).toBe(before);
    expect(await elements(host, 'limited4')).toHaveLength(201);
    const answers = await Promise.all(
      members.map(async ({ netns, name }, i) => {
        const own = await askUdp(netns, GATEWAY, question(name));
        const other = await askUdp(netns, GATEWAY, question(members[(i + 1) % members.length]!.name));
        return [own.answers?.map((one) => (one as { data: unknown }).data), other.rcode];
      }),
    );
    expect(answers).toEqual(members.map(({ allowed }) => [[allowed], 'NXDOMAIN']));
    for (let i = 0; i < members.length; i += 15) {
      const { netns, allowed, refused } = members[i]!;
      expect([i, await passes(netns, [allowed, 80], [allowed, 7], [refused, 80])]).toEqual([
        ...[i, [true, false, false]],
      ]);
    }
    expect(await elements(host, 'allowed4')).toHaveLength(201 * 2 + 200 * 2);
  });
});
