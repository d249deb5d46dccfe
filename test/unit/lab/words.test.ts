import type { ImpairmentOptions } from '../../../lib';
import { changesOf } from '../../../lib/lab/words';

const impairment = (options: ImpairmentOptions) =>
  ({ kind: 'impairment', node: 'a', device: 'eth0', options }) as const;

describe('changesOf', () => {
  test('an impairment as the kernel reports it is the one that was asked for', () => {
    const reported = { delay: 30, jitter: 0, loss: 0, ecn: false, limit: 1000, gap: 0, seed: 4711 };
    expect(changesOf(impairment(reported), impairment({ delay: 30 }))).toEqual({});
    expect(changesOf(impairment({ ...reported, loss: 5 }), impairment({ delay: 30, seed: 1 }))).toEqual({
      loss: [5, undefined],
      seed: [4711, 1],
    });
    expect(changesOf(impairment(reported), impairment({ loss: 5, jitter: 0 }))).toEqual({
      delay: [30, undefined],
      loss: [undefined, 5],
    });
  });
});
