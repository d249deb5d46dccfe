// Threads of our own for system calls that block or that change the calling thread's namespace.
#pragma once

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>

#include <napi.h>

#include "threads/mailbox.h"
#include "threads/own_thread.h"
#include "threads/stats.h"
#include "threads/thread_netns.h"
#include "values/status.h"

class Job {
 public:
  virtual ~Job() = default;
  // Whether what it runs next is a request over netlink, of which only one runs at a time.
  virtual bool netlink() const { return false; }
  // Whether the job is finished once it has run, and not failed. An unfinished job is queued again, at the tail.
  virtual bool done() const { return true; }
  virtual Status Run(ThreadNetns& thread) = 0;  // on a thread of ours
  // What becomes of it where the thread was killed that ran it; on the JavaScript thread. If that is a success, there
  // is a Result.
  virtual Status Killed() { return {"thread", ECANCELED}; }
  virtual Napi::Value Result(Napi::Env env) = 0;  // on the JavaScript thread, after Run succeeded
};

class Executor {
 public:
  Executor(Mailbox& mailbox, Stats& stats);
  ~Executor();

  // JavaScript thread only. The promise settles with the job's Result, or with its Status as an Error.
  Napi::Promise Submit(Napi::Env env, std::unique_ptr<Job> job);

  // JavaScript thread only: gives up the jobs of threads that a seccomp filter has killed, and starts others for those
  // that wait. Returns whether there are jobs.
  bool ReplaceKilled();

  // Drops the jobs that wait, lets those that run end, joins the threads.
  void Stop();

 private:
  class Ticket;

  // A thread, and what it does. All but the thread is under the lock.
  struct Worker {
    std::unique_ptr<Ticket> ticket;  // the job that it runs
    bool began = false;
    bool idle = false;
    bool retired = false;  // about to end
    OwnThread thread;      // destroyed, and so joined, first
  };

  void Work(Worker& worker);
  bool Next(Worker& worker, const ThreadNetns& thread);
  void Take(Worker& worker);
  void Queue(std::unique_ptr<Ticket>& ticket);  // taken, unless this throws
  void QueueAgain(std::unique_ptr<Ticket>& ticket);
  void Serve();
  Status WakeOrStart();
  void JoinRetired();
  void GiveUpKilled();
  void Fail(const Status& status);
  size_t Runnable() const;

  Mailbox& mailbox_;
  Stats& stats_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Ticket>> netlink_;
  std::deque<std::unique_ptr<Ticket>> others_;
  bool netlink_busy_ = false;
  std::list<Worker> workers_;
  size_t idle_ = 0;
  bool stopping_ = false;
};
