import type { Words } from './error-text';

/** What the system lacks for anything that is asked of it, by the code of its refusal, and what can be done. */
export const WANTS: Words = {
  EAGAIN:
    'no thread or process can be started: raise the limit of this user (ulimit -u), or pids.max of the cgroup, or end some',
  EMFILE: 'this process has no descriptor left: raise its limit (ulimit -n), or close handles',
  ENFILE: 'the machine has no descriptor left: raise fs.file-max',
};
