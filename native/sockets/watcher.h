// One thread of ours that reads what arrives at sockets and hands it to JavaScript, and tells of files that change.
// It runs while anything is watched, and is gone otherwise.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <sys/epoll.h>

#include <napi.h>

#include "sockets/watcher_batch.h"
#include "threads/mailbox.h"
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
    kChanges,     // of a file, as poll(2) tells them by POLLPRI: nothing is read
    kConnection,  // connect(2), which was under way, is through: the listener is called with its errno, or 0, once
  };

  // JavaScript thread only, all of them. Of datagrams, the listener is called with an array, see Batch::ToArray. It
  // holds the socket open until Unwatch; after that it is not called any more.
  Status Watch(SharedFd fd, What what, const Napi::Function& listener, bool keep_alive, uint64_t& id);
  void Unwatch(uint64_t id);

  // While it is held, nothing more is read; what has been read already is handed over.
  void Hold(uint64_t id, bool held);

  // Watches nothing any more, joins the thread.
  void Stop();

  // Any thread, while the other one must not read from a socket. A netlink dump begins inside sendmsg, and where it
  // ends there as well, a recvmsg of the same moment fails with EINVAL (6.18), which may stand in the place of ENOBUFS.
  class Silence {
   public:
    Silence(Watcher& watcher, int fd) : watcher_(watcher), fd_(fd) { watcher_.Hush(fd_); }
    ~Silence() { watcher_.Unhush(fd_); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

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
    size_t waiting = 0;    // bytes on their way to JavaScript
    bool paused = false;   // too much of it
    bool held = false;     // by JavaScript
    bool reading = false;  // the thread is at it
    bool hushed = false;   // it must not
  };
  struct Listener {
    Napi::FunctionReference function;
    bool keep_alive;
  };

  Status Add(Socket socket, const Napi::Function& listener, bool keep_alive, uint64_t& id);
  void Work();
  void Serve(const epoll_event& event, Inbox& inbox);
  void Hand(Napi::Env env, uint64_t id, const Batch& batch);
  void Conclude(Napi::Env env, uint64_t id, int error);
  bool Finished();
  void Hush(int fd);
  void Unhush(int fd);

  // With the lock held.
  Status Open();
  void Close();
  void Start();
  void Wake();
  bool Arm(int operation, uint64_t id, const Socket& socket);
  void Rearm(uint64_t id, const Socket& socket);
  std::unordered_map<uint64_t, Socket>::iterator Find(int fd);

  Mailbox& mailbox_;
  Stats& stats_;
  std::unordered_map<uint64_t, Listener> listeners_;  // of the JavaScript thread
  uint64_t last_id_ = 0;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable read_;
  std::unordered_map<uint64_t, Socket> sockets_;
  bool running_ = false;  // then there are sockets, or the thread has been woken to see that there are none
  UniqueFd epoll_;
  UniqueFd wake_;
};

// SO_ERROR: the error that waits for the next call on a socket, or 0; taken away by this.
int TakeError(int fd);
