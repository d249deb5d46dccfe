// Threads of our own for system calls that block or that change the calling thread's namespace.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <napi.h>

#include "threads/mailbox.h"
#include "threads/stats.h"
#include "values/status.h"

// The thread that a job runs on, as far as a job may change it.
class Place {
 public:
  Status Enter(int netns_fd);  // setns(2)
  Status EnterNew();           // unshare(2)
  bool away() const { return away_; }

 private:
  bool away_ = false;
};

class Job {
 public:
  virtual ~Job() = default;
  // Whether what it runs next is a request over netlink, of which only one runs at a time.
  virtual bool netlink() const { return false; }
  // Whether it is through once it has run, and not failed. Otherwise it takes its place again behind the others.
  virtual bool done() const { return true; }
  virtual Status Run(Place& place) = 0;           // on a thread of ours
  virtual Napi::Value Result(Napi::Env env) = 0;  // on the JavaScript thread, after Run succeeded
};

class Executor {
 public:
  Executor(Mailbox& mailbox, Stats& stats);
  ~Executor();

  // JavaScript thread only. The promise settles with the job's Result, or with its Status as an Error.
  Napi::Promise Submit(Napi::Env env, std::unique_ptr<Job> job);

  // Drops what waits, lets what runs end, joins the threads.
  void Stop();

 private:
  class Ticket;

  void Work();
  std::unique_ptr<Ticket> Next(const Place& place);
  std::unique_ptr<Ticket> Take();
  void Queue(std::unique_ptr<Ticket> ticket);
  size_t Runnable() const;

  Mailbox& mailbox_;
  Stats& stats_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Ticket>> netlink_;
  std::deque<std::unique_ptr<Ticket>> others_;
  bool netlink_busy_ = false;
  std::vector<std::thread> threads_;
  std::vector<std::thread::id> retired_;
  size_t idle_ = 0;
  bool stopping_ = false;
};
