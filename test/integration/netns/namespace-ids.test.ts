import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { getNamespaceIds, NAMESPACE_KINDS } from '../../../lib';
import { background, failure, run } from '../../support/ip';

// a kernel may lack some, such as CONFIG_TIME_NS
const KINDS = NAMESPACE_KINDS.filter((kind) => existsSync(`/proc/self/ns/${kind}`));

const number = (link: string) => Number(/\[(\d+)\]/.exec(link)![1]);
const procIds = (pid: number | string) =>
  Object.fromEntries(KINDS.map((kind) => [kind, number(readlinkSync(`/proc/${pid}/ns/${kind}`))]));

describe('getNamespaceIds', () => {
  test('the namespaces of this process, of all kinds', async () => {
    const ids = await getNamespaceIds();
    expect(ids).toEqual(procIds('self'));
    expect(Object.keys(ids).sort()).toEqual(
      readdirSync('/proc/self/ns')
        .filter((kind) => !kind.endsWith('_for_children'))
        .sort(),
    );
    const files = KINDS.map((kind) => `/proc/${process.pid}/ns/${kind}`);
    const inodes = (await run(undefined, 'stat', '-Lc', '%i', ...files)).trim().split('\n').map(Number);
    expect(KINDS.map((kind) => ids[kind])).toEqual(inodes);
  });

  test('the namespaces of another process', async () => {
    await using other = await background('unshare', '-n', '-u', '-i', 'sh', '-c', 'echo; exec sleep 1000');
    const ids = await getNamespaceIds(other.pid);
    expect(ids).toEqual(procIds(other.pid));
    const own = await getNamespaceIds(process.pid);
    expect(own).toEqual(procIds('self'));
    const different = KINDS.filter((kind) => ids[kind] !== own[kind]);
    expect(different).toEqual(['net', 'uts', 'ipc']);
  });

  test('no such process', async () => {
    expect(await failure(getNamespaceIds(0x7fffffff))).toMatchObject({
      name: 'NetnsError',
      code: 'ENOENT',
      message: 'ENOENT: read namespaces of process 2147483647: there is no such process (readlink)',
    });
  });
});
