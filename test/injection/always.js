'use strict';
// The points at which a fault was found, and mended: they run each time, by the names of their scenarios.
/** The watcher's thread span for ever, or was replaced for ever, and the call never settled. */
const ended = ['epoll_wait#1+:EPERM', 'epoll_wait#1+:KILLED'];
const lost = (...numbers) => numbers.map((n) => `recvmmsg#${n}:ENOBUFS`);

module.exports = {
  // a plain Error, without the operation
  listLinks: ['send#1:EPERM', 'pthread_create#1:EAGAIN'],
  getSysctl: ['pthread_create#1:EAGAIN'],
  spawn: ['pipe2#1:EMFILE'],
  exec: ['pipe2#1:ENFILE'],
  // the same, with a socket that was left to the garbage collector
  'watch, until it is ready': [
    'epoll_create1#1:EMFILE',
    'eventfd#1:EMFILE',
    'epoll_ctl#2:ENOMEM',
    'pthread_create#2:EAGAIN',
  ],
  'nft.watchRuleset': ['epoll_create1#1:EMFILE'],
  ping: ['epoll_create1#1:EMFILE', 'epoll_ctl#2:ENOSPC', ...ended],
  // a rejection that nobody could handle, and a socket that was left
  capture: ['getsockopt#1:ENOBUFS', 'getsockopt#3:ENOBUFS', 'pthread_create#3:EAGAIN'],
  // the socket was never read again, and the call never settled; the last events are lost
  waitGone: ['epoll_ctl#5:ENOMEM', ...lost(8, 9, 10)],
  'deleteNetns, until it is gone': ['epoll_ctl#5:ENOMEM', ...ended],
  watchNetns: ended,
  // the network stayed
  createBridgeNetwork: [
    'setns#4+:EPERM',
    'open#1+:EACCES',
    'open#6:ENFILE',
    'setns#7:KILLED',
    'send#33:EPERM',
  ],
  // the member stayed in the table
  'BridgeNetwork.attach': ['pwrite#2:EIO'],
  // no later call settled
  'createNetns, without a name': ['unshare#1:KILLED'],
  createSocket: ['setns#1:KILLED'],
  // the name was left as an empty file
  'createNetns, with a name': ['unshare#1:KILLED', 'fstat#1+:ENOMEM'],
  // the member had no owner
  createStar: ['send#4:KILLED', 'recvmmsg#11:KILLED'],
  // no later watch or lock settled
  'watch, of a change': ['epoll_wait#1:KILLED', 'recvmmsg#1:KILLED'],
  'AddressPool.allocate, after others': ['fcntl#3:KILLED', 'fcntl#4:ENOLCK', 'fcntl#6:ENOLCK'],
  // an answer was taken for that of a later request
  'BridgeNetwork.repair': ['recvmmsg#57+:ENOMEM'],
  // what was left was not found by the next call
  'BridgeNetwork.unpublish': ['pread#1:EIO'],
  // the table stayed
  trace: ['send#10:EPERM', 'send#4+:EPERM'],
  // the command asked another network's name servers
  'exec, with a name server, a user and a directory of /sys': [
    'exec_openat#2:EMFILE',
    'exec_getdents64#1:EIO',
    'exec_mount#4:ENOMEM',
  ],
};
