import { closeSync, fstatSync } from 'node:fs';
import net from 'node:net';
import { createNetns, type Netns, setLink } from '../../../lib';
import { handOver } from '../../../lib/sockets/inet/hand-over';
import { inetSocket } from '../../../lib/sockets/inet/inet-socket';
import { native } from '../../../lib/addon/native';
import { sockaddr } from '../../../lib/sockets/inet/sockaddr';
import { until } from '../../support/ip';

let netns: Netns;

const isOpen = (fd: number): boolean => {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
};

describe('native', () => {
  beforeAll(async () => {
    netns = await createNetns();
    await setLink(netns, 'lo', { up: true });
  });

  afterAll(() => netns.close());

  test("a released descriptor is its new owner's: closing the old object, or forgetting it, changes nothing", async () => {
    const socket = await netns.openSocket('test', inetSocket(4, 'stream', {}));
    const fd = socket.release();
    expect(socket.fd).toBe(-1);
    socket.close();
    expect(isOpen(fd)).toBe(true);
    expect(() => socket.release()).toThrow('EBADF');
    closeSync(fd);
    expect(isOpen(fd)).toBe(false);
  });

  test('one that is watched is not released', async () => {
    const socket = await netns.openSocket('test', inetSocket(4, 'datagram', {}));
    const stop = native().watchSocket(socket, true, () => undefined);
    expect(() => socket.release()).toThrow('EBUSY');
    stop();
    await until(() => {
      try {
        closeSync(socket.release());
        return true;
      } catch {
        return false; // the thread has not let go of it yet
      }
    });
  });

  test('what nobody takes is closed, once', async () => {
    const socket = await netns.openSocket('test', inetSocket(4, 'stream', {}));
    const { fd } = socket;
    const refuse = () => {
      throw new Error('no');
    };
    expect(() => handOver(socket, refuse)).toThrow('no');
    expect(isOpen(fd)).toBe(false);
    const other = await netns.openSocket('test', inetSocket(4, 'stream', {}));
    // the number may be in use again: it is not for the first to close
    socket.close();
    expect(isOpen(other.fd)).toBe(true);
    other.close();
  });

  test('a connection that is watched holds its socket; stopped, its listener is not called', async () => {
    const nowhere = sockaddr(4, '127.0.0.1', 0, 9);
    const connectTo = (address: Buffer) =>
      netns.lend('test', async ({ entry }) =>
        native().openConnection(entry, inetSocket(4, 'stream', {}), address),
      );
    const { socket, errno } = await connectTo(nowhere);
    expect(errno).toBe(111); // at once: the host is this one
    socket.close();

    const listening = await netns.openSocket('test', {
      ...inetSocket(4, 'stream', {}),
      bind: sockaddr(4, '127.0.0.1', 0, 80),
      backlog: 1,
    });
    const there = await connectTo(sockaddr(4, '127.0.0.1', 0, 80));
    expect(there.errno).toBe(0);
    const told: number[] = [];
    native().watchConnection(there.socket, (value) => told.push(value));
    await until(() => told.length === 1);
    const stop = native().watchConnection(there.socket, (value) => told.push(value));
    stop();
    stop();
    expect(told).toEqual([0]);
    // conclusions leave no share behind: it can be handed over in the same breath
    const handed = await new Promise<net.Socket | Error>((resolve) => {
      native().watchConnection(there.socket, () => {
        try {
          resolve(handOver(there.socket, (fd) => new net.Socket({ fd })));
        } catch (error) {
          resolve(error as Error);
        }
      });
    });
    expect(handed).toBeInstanceOf(net.Socket);
    (handed as net.Socket).destroy();
    listening.close();
    expect(() => native().watchConnection(listening, () => undefined)).toThrow('EBADF');
  });
});
