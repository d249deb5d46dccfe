#include "threads/own_thread.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <new>
#include <system_error>
#include <utility>

namespace {

// A signal that is lost is sent again after this time.
constexpr auto kAgain = std::chrono::milliseconds(1);

// A new thread inherits the signal mask of the one that starts it.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

// The signal that interrupts threads of ours, or 0. It needs a handler, though one that does nothing: an ignored signal
// interrupts nothing. Handlers belong to the whole process, so that the signal is one which nobody handles, and the
// first one is ignored by default: nothing changes for an application that does not use it. None is a real-time signal,
// because the kernel refuses to send those when the user's signals that wait are at their limit (RLIMIT_SIGPENDING).
// The handler stays for the life of the process, as does the addon (-z nodelete), because another thread may be
// interrupted at any time.
int InterruptSignal() {
  static const int found = [] {
    for (const int candidate : {SIGURG, SIGSTKFLT, SIGPWR}) {
      struct sigaction action {};
      if (sigaction(candidate, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
      action.sa_handler = [](int) {};
      action.sa_flags = 0;  // without SA_RESTART
      if (sigaction(candidate, &action, nullptr) == 0) return candidate;
    }
    return 0;
  }();
  return found;
}

void ChangeInterruptSignal(int how) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, InterruptSignal());
  pthread_sigmask(how, &one, nullptr);
}

}  // namespace

Status OwnThread::Start(Stats& stats, std::function<void()> work) {
  Join();
  number_ = kStarting;
  try {
    std::packaged_task<void()> task([this, work = std::move(work)] {
      number_ = gettid();
      pthread_setname_np(pthread_self(), "rtnetns");
      work();
    });
    ended_ = task.get_future();
    const BlockedSignals blocked;
    thread_ = std::thread(std::move(task));
  } catch (const std::system_error& error) {
    number_ = kNone;
    return {"pthread_create", error.code().value()};
  } catch (const std::bad_alloc&) {
    number_ = kNone;
    return Status::NoMemory();
  }
  stats.threads++;
  return Status::Ok();
}

bool OwnThread::alive() const {
  const pid_t number = number_;
  return number == kStarting || tgkill(getpid(), number, 0) == 0;
}

void OwnThread::Join() {
  if (thread_.joinable()) thread_.join();
}

void OwnThread::InterruptAndJoin() {
  if (!thread_.joinable()) return;
  do {
    pthread_kill(thread_.native_handle(), InterruptSignal());
  } while (ended_.wait_for(kAgain) != std::future_status::ready && alive());
  Join();
}

Status Interruptible::Prepare() { return InterruptSignal() != 0 ? Status::Ok() : Status{"sigaction", EBUSY}; }

Interruptible::Interruptible() { ChangeInterruptSignal(SIG_UNBLOCK); }

Interruptible::~Interruptible() { ChangeInterruptSignal(SIG_BLOCK); }
