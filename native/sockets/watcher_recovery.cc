#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "sockets/watcher.h"
#include "sockets/watcher_deliveries.h"

bool Watcher::ReplaceKilled() {
  std::lock_guard<std::mutex> lock(mutex_);
  Replace();
  return running_;
}

// Nobody reports the end of a thread that a seccomp filter kills: see Rounds. As in Executor, what the thread was at
// comes to nothing, and the rest is for the next thread.
Status Watcher::Replace() {
  if (!running_ || thread_.alive()) return Status::Ok();
  stats_.killed++;
  try {
    if (!waited_) {
      // The next thread would come to the same end.
      End(ECANCELED);
      return Status::Ok();
    }
    for (auto& [id, socket] : sockets_) Recover(id, socket);
    serving_.reset();
    read_.notify_all();
    if (!sockets_.empty()) return Start();
    running_ = false;
    Close();
    return Status::Ok();
  } catch (const std::bad_alloc&) {
    return Status::NoMemory();
  }
}

// What the killed thread has taken from epoll is disarmed.
void Watcher::Recover(uint64_t id, Socket& socket) {
  if (socket.what == What::kChanges) {
    // The kernel reports a change once.
    if (!socket.behind) mailbox_.Post(std::make_unique<Parcel>(*this, id));
    socket.behind = true;
  } else if (!socket.reading) {
    Rearm(id, socket);
  } else if (socket.once()) {
    mailbox_.Post(std::make_unique<Outcome>(*this, id));
    socket.reading = false;
  } else {
    Fail(id, socket, ECANCELED);
    socket.reading = false;
  }
}

// False where there is no memory for it: what has been ended by then is ended.
bool Watcher::TryEnd(int error) {
  std::lock_guard<std::mutex> lock(mutex_);
  try {
    End(error);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// Nothing is watched any more, and nothing is left for a thread to do.
void Watcher::End(int error) {
  while (!sockets_.empty()) {
    const auto& [id, socket] = *sockets_.begin();
    if (socket.once()) {
      auto outcome = std::make_unique<Outcome>(*this, id);
      outcome->Conclude(error);
      mailbox_.Post(std::move(outcome));
    } else {
      auto parcel = std::make_unique<Parcel>(*this, id);
      parcel->batch().End(error);
      mailbox_.Post(std::move(parcel));
    }
    sockets_.erase(sockets_.begin());
  }
  serving_.reset();
  read_.notify_all();
  running_ = false;
  Close();
}
