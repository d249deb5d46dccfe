import type { PacketPath } from '../../../lib/trace/follow';
import { type Circumstances, conclude } from '../../../lib/trace/outcome';

const nowhere: PacketPath = {
  packet: undefined,
  steps: [],
  end: undefined,
  stopped: false,
  seenAt: undefined,
};
const plan: Circumstances['plan'] = {
  family: 4,
  to: '10.0.0.1',
  protocol: 'icmp',
  port: undefined,
  sourcePort: undefined,
  source: undefined,
  sender: undefined,
  timeout: 100,
  signal: undefined,
};
const usual: Circumstances = { plan, host: 'host', errno: 0, rejects: false, incomplete: false };

test('what was lost of the steps is told, unless the end is known', () => {
  const incomplete = { ...usual, incomplete: true };
  expect(conclude(nowhere, incomplete)).toMatchObject({
    outcome: 'lost',
    hint: expect.stringContaining('did not fit') as string,
  });
  expect(conclude({ ...nowhere, stopped: true }, incomplete)).toEqual({ outcome: 'dropped' });
  const end = { protocol: 'icmp', source: '10.0.0.2', destination: '10.0.0.1', hook: 'input' } as const;
  expect(conclude({ ...nowhere, end }, incomplete)).toEqual({ outcome: 'accepted' });
});

test('where it was seen last is what explains it', () => {
  const hint = (seenAt: PacketPath['seenAt']) => conclude({ ...nowhere, seenAt }, usual).hint;
  expect(hint('prerouting')).toMatch(/^in prerouting, something else/);
  expect(hint('prerouted')).toMatch(/^after prerouting, routing/);
  expect(hint('output')).toMatch(/^in output, something else/);
  expect(hint('outgoing')).toMatch(/^after output, routing/);
  expect(hint('postrouting')).toMatch(/^it was sent by lo/);
  expect(hint(undefined)).toBe('nobody has sent such a packet within 100 ms');
});
