'use strict';
// The errors that each system call of the addon, and of the program rtnetns-exec, is made to fail with, as its man page has them: some that it handles on its
// own (EINTR, EAGAIN), and those of a process or a system that has run out of something. write(2) is of an
// eventfd alone, and fails nowhere. KILLED is none: there the thread
// ends that makes the call, as by a seccomp filter.

const ERRORS = {
  bind: ['EADDRINUSE', 'ENOMEM'],
  connect: ['EAGAIN', 'ENOBUFS', 'ECONNREFUSED', 'EINTR'],
  epoll_create1: ['EMFILE', 'ENOMEM'],
  epoll_ctl: ['ENOMEM', 'ENOSPC'],
  epoll_wait: ['EINTR', 'EPERM', 'KILLED'],
  eventfd: ['EMFILE', 'ENOMEM'],
  fcntl: ['EINTR', 'ENOLCK', 'EAGAIN', 'KILLED'],
  flock: ['EINTR', 'ENOLCK', 'EWOULDBLOCK'],
  fstat: ['ENOMEM'],
  fstatfs: ['ENOMEM'],
  getsockname: ['ENOBUFS'],
  getsockopt: ['ENOBUFS', 'KILLED'],
  ioctl: ['ENOTTY', 'EPERM'],
  listen: ['EADDRINUSE'],
  lstat: ['ENOMEM'],
  mkdir: ['ENOSPC', 'EROFS'],
  mount: ['EPERM', 'ENOSPC', 'ENOMEM'],
  new: ['ENOMEM'],
  open: ['EMFILE', 'ENFILE', 'EACCES', 'EINTR'],
  pipe2: ['EMFILE', 'ENFILE'],
  poll: ['EINTR', 'ENOMEM'],
  pread: ['EIO', 'EINTR'],
  pthread_create: ['EAGAIN'],
  pwrite: ['EIO', 'EPERM'],
  read: ['EINTR', 'EAGAIN'],
  recvmmsg: ['EINTR', 'EAGAIN', 'ENOBUFS', 'ENOMEM', 'KILLED'],
  send: ['EINTR', 'EAGAIN', 'ENOBUFS', 'EPERM', 'KILLED'],
  sendto: ['EINTR', 'EAGAIN', 'ENOBUFS', 'EPERM'],
  setns: ['ENOMEM', 'EPERM', 'KILLED'],
  setsockopt: ['ENOMEM', 'EPERM'],
  sigaction: ['EINVAL'],
  socket: ['EMFILE', 'ENOBUFS', 'EACCES'],
  stat: ['EACCES'],
  statx: ['ENOMEM'],
  umount2: ['EBUSY', 'EPERM'],
  unlink: ['EBUSY', 'EROFS'],
  unshare: ['ENOSPC', 'EPERM', 'KILLED'],

  exec_chdir: ['EACCES'],
  exec_close_range: ['EMFILE', 'ENOMEM'],
  exec_execve: ['ENOMEM', 'EAGAIN', 'EACCES'],
  exec_fcntl: ['EBADF'],
  exec_fstatfs: ['ENOMEM'],
  exec_getcwd: ['ENOMEM'],
  exec_getdents64: ['EIO'],
  exec_mount: ['EPERM', 'ENOSPC', 'ENOMEM'],
  exec_openat: ['EMFILE', 'ENFILE', 'EACCES', 'ENOMEM'],
  exec_prctl: ['EINVAL'],
  exec_setgid: ['EPERM', 'EINVAL'],
  exec_setgroups: ['EPERM', 'ENOMEM'],
  exec_setns: ['ENOMEM', 'EPERM'],
  exec_setuid: ['EPERM', 'EAGAIN'],
  exec_statfs: ['ENOMEM'],
  exec_unshare: ['ENOSPC', 'EPERM'],
};

/** Which of `count` calls are made to fail: all of a few, and of many the first ones, the last, and some between. */
function numbers(count) {
  if (count <= 8) return Array.from({ length: count }, (_, i) => i + 1);
  const chosen = new Set([1, 2, 3, 4]);
  for (let n = 6; n < count; n = Math.ceil(n * 1.7)) chosen.add(n);
  return [...chosen, count];
}

/**
 * What a call may fail with again and again. Without memory for good, nothing is promised. Of rtnetns-exec, the command that
 * it becomes would fail as well.
 */
const LASTING = ['EACCES', 'EIO', 'EMFILE', 'ENOBUFS', 'ENOLCK', 'ENOMEM', 'ENOSPC', 'EPERM', 'EROFS'];
const lastingOf = (call) =>
  call === 'new' || call.startsWith('exec_')
    ? undefined
    : ERRORS[call].findLast((errno) => LASTING.includes(errno));

/** All points of a scenario in which these calls were made. */
function points(counts) {
  return Object.entries(counts)
    .filter(([call]) => ERRORS[call] !== undefined)
    .flatMap(([call, count]) => numbers(count).flatMap((nth) => pointsOf(call, nth)));
}

function pointsOf(call, nth) {
  const lasting = lastingOf(call);
  return [
    ...ERRORS[call].map((errno) => ({ call, nth, errno })),
    ...(lasting === undefined ? [] : [{ call, nth, errno: lasting, always: true }]),
  ];
}

const textOf = ({ call, nth, errno, always }) => `${call}#${nth}${always ? '+' : ''}:${errno}`;

/** 'socket#1:EMFILE'; with 'socket#1+:EMFILE' all later calls fail, too. */
function pointOf(text) {
  const [, call, nth, always, errno] = /^(\w+)#(\d+)(\+?):(\w+)$/.exec(text) ?? [];
  if (ERRORS[call] === undefined) throw new Error(`${text} is no point: 'socket#1:EMFILE' is one`);
  return { call, nth: Number(nth), errno, ...(always && { always: true }) };
}

module.exports = { points, pointOf, textOf };
