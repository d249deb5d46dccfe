// One thread of ours that reads what arrives at sockets, hands it to JavaScript, and reports files that change. It runs
// while anything is watched, and is gone otherwise.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <sys/epoll.h>

#include <napi.h>

#include "sockets/watcher_batch.h"
#include "threads/mailbox.h"
#include "threads/own_thread.h"
#include "threads/stats.h"
#include "values/descriptor.h"
#include "values/status.h"
#include "values/unique_fd.h"

class Watcher {
 public:
  Watcher(Mailbox& mailbox, Stats& stats);
  ~Watcher();

  enum class What {
    kDatagrams,   // of a socket
    kChanges,     // of a file, as poll(2) reports them by POLLPRI: nothing is read
    kConnection,  // the end of a connect(2) that was under way: the listener is called once, with its errno or 0
    kReadable,    // of a file: the listener is called once, with 0, when there is something to read; nothing is read
  };

  // JavaScript thread only, all of them. For datagrams the listener is called with an array, see Batch::ToArray. The
  // watch holds the socket open until Unwatch; after that the listener is not called any more. Where nothing can be
  // watched, every listener is called a last time, with the error.
  Status Watch(SharedFd fd, What what, const Napi::Function& listener, bool keep_alive, uint64_t& id);
  void Unwatch(uint64_t id);

  // While the watch is held, nothing more is read; what has been read already is handed over. It does not keep the
  // event loop alive, because nobody waits for anything.
  void Hold(uint64_t id, bool held);

  // JavaScript thread only, now and then: another thread in the place of one that a seccomp filter has killed. Where
  // none can be started, the watches wait for the next time. Returns whether anything is watched.
  bool ReplaceKilled();

  // Ends all watches, joins the thread.
  void Stop();

  // As long as it lives, the watcher's thread does not read from a socket; on any other thread. A netlink dump begins
  // inside sendmsg, and where it ends there as well, a recvmsg of the same moment fails with EINVAL (6.18), which may
  // hide an ENOBUFS.
  class ReadPause {
   public:
    ReadPause(Watcher& watcher, int fd) : watcher_(watcher), fd_(fd) { watcher_.PauseReading(fd_); }
    ~ReadPause() { watcher_.ResumeReading(fd_); }
    ReadPause(const ReadPause&) = delete;
    ReadPause& operator=(const ReadPause&) = delete;

   private:
    Watcher& watcher_;
    const int fd_;
  };

 private:
  class Parcel;
  class Outcome;

  struct Socket {
    SharedFd fd;
    What what;
    // Whether the listener is called once, with a number.
    bool once() const { return what == What::kConnection || what == What::kReadable; }
    size_t waiting = 0;        // bytes on their way to JavaScript
    bool behind = false;       // JavaScript has too much to receive before more is read
    bool held = false;         // by JavaScript
    bool reading = false;      // by the thread, at this moment
    bool read_paused = false;  // see ReadPause
  };
  struct Listener {
    Napi::FunctionReference function;
    bool keep_alive;
    bool held = false;
    bool expects() const { return keep_alive && !held; }
  };

  Status Add(Socket socket, const Napi::Function& listener, bool keep_alive, uint64_t& id);
  void Work();
  void Serve(const epoll_event& event);
  bool TryServe(const epoll_event& event);
  void Read(std::unique_ptr<Parcel> parcel, uint64_t id, uint32_t events, int fd);
  void ReadOutcome(uint64_t id, What what, int fd);
  void Hand(Napi::Env env, uint64_t id, const Batch& batch);
  void Conclude(Napi::Env env, uint64_t id, int error);
  bool Finished();
  void PauseReading(int fd);
  void ResumeReading(int fd);
  bool TryEnd(int error);

  // With the lock held.
  Status Replace();
  Status Open();
  void Close();
  Status Start();
  void Wake();
  bool Arm(int operation, uint64_t id, const Socket& socket);
  void Rearm(uint64_t id, Socket& socket);
  void Fail(uint64_t id, Socket& socket, int error);
  void Recover(uint64_t id, Socket& socket);
  void End(int error);
  std::unordered_map<uint64_t, Socket>::iterator Find(int fd);

  Mailbox& mailbox_;
  Stats& stats_;
  std::unordered_map<uint64_t, Listener> listeners_;  // of the JavaScript thread
  uint64_t last_id_ = 0;
  OwnThread thread_;

  std::mutex mutex_;
  std::condition_variable read_;
  std::unordered_map<uint64_t, Socket> sockets_;
  bool running_ = false;  // if so, there are sockets, or the thread has been woken to find that there are none
  // The thread's own, but here, because a thread that is killed frees nothing.
  std::unique_ptr<Inbox> inbox_;
  SharedFd serving_;
  UniqueFd epoll_;
  UniqueFd wake_;
  bool waited_ = false;  // the thread, for something to happen, at least once: looked at when it is dead
};

// SO_ERROR: the error that the next call on a socket would be answered with, or 0. This takes it away.
int TakeError(int fd);
