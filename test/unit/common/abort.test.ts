import { checkTimeout, withDeadline } from '../../../lib/common/abort';

describe('checkTimeout', () => {
  test('a wait may look once; what needs an answer needs a millisecond; no limit is fine', () => {
    for (const timeout of [undefined, 0, 0.5, 1, 2147483646]) {
      expect(() => checkTimeout(timeout, 'wait')).not.toThrow();
    }
    expect(() => checkTimeout(1, 'answer')).not.toThrow();
    expect(() => checkTimeout(undefined, 'answer')).not.toThrow();
    expect(() => checkTimeout(0, 'answer')).toThrow(
      new RangeError('timeout: expected milliseconds, from 1 to 2147483646, got 0'),
    );
  });

  test.each([-1, NaN, Infinity, 2147483647])('%p is out of range', (timeout) => {
    for (const limited of ['wait', 'answer'] as const) {
      expect(() => checkTimeout(timeout, limited)).toThrow(RangeError);
    }
  });

  test.each([null, '1', 1n, {}])('%p is no number', (timeout) => {
    expect(() => checkTimeout(timeout, 'wait')).toThrow(TypeError);
  });
});

describe('withDeadline', () => {
  const late = () => new Error('late');
  const forever = async (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the test's
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });

  test('the result of work that is in time', async () => {
    const limits = { timeout: 1000, signal: new AbortController().signal };
    expect(await withDeadline(limits, late, async () => Promise.resolve(5))).toBe(5);
  });

  test('the time is up', async () => {
    const running = setInterval(() => undefined, 1000); // the timer itself does not keep a process
    await expect(withDeadline({ timeout: 1 }, late, forever)).rejects.toThrow('late');
    clearInterval(running);
  });

  test.each(['signal', 'closing'] as const)('%s: before, and during the work', async (option) => {
    const controller = new AbortController();
    const work = withDeadline({ [option]: controller.signal }, late, forever);
    controller.abort(new Error('mine'));
    await expect(work).rejects.toThrow('mine');
    let begun = false;
    const refused = withDeadline({ [option]: controller.signal }, late, async () => {
      begun = true;
      return Promise.resolve();
    });
    await expect(refused).rejects.toThrow('mine');
    expect(begun).toBe(false);
  });
});
