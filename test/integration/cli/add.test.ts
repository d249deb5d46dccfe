import { deleteNetns } from '../../../lib';
import { powerless, rtnetns } from '../../support/cli';
import { names } from '../../support/ip';

describe('rtnetns add', () => {
  afterEach(async () => deleteNetns(['red', 'blue', 'gr een'], { ifMissing: 'ignore' }));

  test('creates what ip netns lists', async () => {
    expect(rtnetns('add', 'red', 'blue')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(await names()).toEqual(['blue', 'red']);
  });

  test('creates the others where one is there', async () => {
    rtnetns('add', 'red');
    const { status, stderr } = rtnetns('add', 'red', 'gr een');
    expect(stderr).toMatch(/^rtnetns: EEXIST: create namespace red: [^\n]*\n$/);
    expect(status).toBe(1);
    expect(await names()).toEqual(['gr', 'red']); // the blank is within the name
  });

  test('creates nothing where a name is wrong', async () => {
    const { status, stderr } = rtnetns('add', 'red', 'a/\x1b[31m');
    expect(stderr).toBe('rtnetns: name: a namespace name must not hold a \'/\', got "a/\\u001b[31m"\n');
    expect(status).toBe(2);
    expect(await names()).toEqual([]);
  });

  test('names the capability that is missing', async () => {
    const { status, stderr } = powerless('add', 'red');
    expect(stderr).toMatch(/^rtnetns: EPERM: create namespace red: .*CAP_SYS_ADMIN.*\n$/);
    expect(status).toBe(1);
    expect(await names()).toEqual([]);
  });
});
