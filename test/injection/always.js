'use strict';
// The points at which a fault was found, and mended: they run each time, by the names of their scenarios.
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
  ping: ['epoll_create1#1:EMFILE', 'epoll_ctl#2:ENOSPC'],
  // a rejection that nobody could handle, and a socket that was left
  capture: ['getsockopt#1:ENOBUFS', 'getsockopt#3:ENOBUFS', 'pthread_create#3:EAGAIN'],
  // the socket was never read again, and the call never settled
  waitGone: ['epoll_ctl#5:ENOMEM'],
  'deleteNetns, until it is gone': ['epoll_ctl#5:ENOMEM'],
  // the network stayed
  createBridgeNetwork: ['open#6:ENFILE', 'setns#7:KILLED', 'send#33:EPERM'],
  // the member stayed in the table
  'BridgeNetwork.attach': ['pwrite#2:EIO'],
  // no later call settled
  'createNetns, without a name': ['unshare#1:KILLED'],
  createSocket: ['setns#1:KILLED'],
  // the name was left as an empty file
  'createNetns, with a name': ['unshare#1:KILLED'],
};
