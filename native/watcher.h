// One thread of ours that reads what arrives at sockets and hands it to JavaScript. It runs while anything is
// watched, and is gone otherwise.
#pragma once

#include <mutex>
#include <thread>
#include <unordered_map>

#include <sys/epoll.h>

#include <napi.h>

#include "descriptor.h"
#include "mailbox.h"
#include "stats.h"
#include "status.h"
#include "unique_fd.h"
#include "watcher_batch.h"

class Watcher {
 public:
  Watcher(Mailbox& mailbox, Stats& stats);
  ~Watcher();

  // JavaScript thread only, all of them. The listener is called with an array, see Batch::ToArray. It holds the
  // socket open until Unwatch; after that it is not called any more.
  Status Watch(SharedFd fd, const Napi::Function& listener, bool keep_alive, uint64_t& id);
  void Unwatch(uint64_t id);

  // While it is held, nothing more is read; what has been read already is handed over.
  void Hold(uint64_t id, bool held);

  // Watches nothing any more, joins the thread.
  void Stop();

 private:
  class Parcel;

  struct Socket {
    SharedFd fd;
    size_t waiting = 0;   // bytes on their way to JavaScript
    bool paused = false;  // too much of it
    bool held = false;    // by JavaScript
  };
  struct Listener {
    Napi::FunctionReference function;
    bool keep_alive;
  };

  void Work();
  void Serve(const epoll_event& event, Inbox& inbox);
  void Hand(Napi::Env env, uint64_t id, const Batch& batch);
  bool Finished();

  // With the lock held.
  Status Open();
  void Close();
  void Start();
  void Wake();
  bool Arm(int operation, uint64_t id, const Socket& socket);
  void Rearm(uint64_t id, const Socket& socket);

  Mailbox& mailbox_;
  Stats& stats_;
  std::unordered_map<uint64_t, Listener> listeners_;  // of the JavaScript thread
  uint64_t last_id_ = 0;
  std::thread thread_;

  std::mutex mutex_;
  std::unordered_map<uint64_t, Socket> sockets_;
  bool running_ = false;  // then there are sockets, or the thread has been woken to see that there are none
  UniqueFd epoll_;
  UniqueFd wake_;
};
