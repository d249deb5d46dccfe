#include "threads/own_thread.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
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

// The signal that interrupts threads of ours. It is ignored by default, so an application that does not use it notices
// nothing. It is no real-time signal, because the kernel refuses to send those when the user's signals that wait are at
// their limit (RLIMIT_SIGPENDING).
constexpr int kInterrupt = SIGURG;

bool Ignores(const struct sigaction& action) { return action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN; }

// As long as it lives, the signal ends the system calls of threads that are Interruptible. For that it needs a handler
// without SA_RESTART. Handlers belong to the whole process: that of the application, if there is one, is called
// for the signals sent here, too.
class InterruptingAction {
 public:
  InterruptingAction() = default;
  InterruptingAction(const InterruptingAction&) = delete;
  InterruptingAction& operator=(const InterruptingAction&) = delete;

  ~InterruptingAction() {
    struct sigaction now {};
    sigaction(kInterrupt, nullptr, &now);
    const bool ours = now.sa_handler == set_.sa_handler && now.sa_flags == set_.sa_flags;
    if (changed_ && ours) sigaction(kInterrupt, &before_, nullptr);
  }

  // Each time again, because the application may have set another handler meanwhile.
  void Ensure() {
    struct sigaction now {};
    sigaction(kInterrupt, nullptr, &now);
    if (!Ignores(now) && (now.sa_flags & SA_RESTART) == 0) return;
    before_ = now;
    if (Ignores(now)) now.sa_handler = [](int) {};
    now.sa_flags &= ~SA_RESTART;
    sigaction(kInterrupt, &now, nullptr);
    sigaction(kInterrupt, nullptr, &set_);
    changed_ = true;
  }

 private:
  // One at a time, or the second would take the first one's action for the application's.
  static std::mutex mutex_;

  const std::lock_guard<std::mutex> lock_{mutex_};
  struct sigaction before_ {};
  struct sigaction set_ {};
  bool changed_ = false;
};

std::mutex InterruptingAction::mutex_;

void ChangeInterruptSignal(int how) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, kInterrupt);
  pthread_sigmask(how, &one, nullptr);
}

// The number of a thread, which another one reads without a system call, because a seccomp filter may refuse gettid(2),
// or kill for it. The clock of a thread has the complement of the number above three bits
// (include/linux/posix-timers.h).
pid_t NumberOf(pthread_t thread) {
  clockid_t clock = 0;
  const bool ended = pthread_getcpuclockid(thread, &clock) != 0;
  return ended ? OwnThread::kNone : ~(clock >> 3);
}

}  // namespace

Status OwnThread::Start(Stats& stats, std::function<void()> work) {
  Join();
  try {
    std::packaged_task<void()> task([work = std::move(work)] {
      pthread_setname_np(pthread_self(), "rtnetns");
      work();
    });
    ended_ = task.get_future();
    const BlockedSignals blocked;
    thread_ = std::thread(std::move(task));
  } catch (const std::system_error& error) {
    return {"pthread_create", error.code().value()};
  } catch (const std::bad_alloc&) {
    return Status::NoMemory();
  }
  number_ = NumberOf(thread_.native_handle());
  stats.threads++;
  return Status::Ok();
}

bool OwnThread::alive() const {
  const pid_t number = number_;
  if (number == kNone) return false;
  // By its number, because glibc has no tgkill(3) before 2.30, nor has musl. A filter may refuse the call as well, with
  // any errno but that of a thread that is not there.
  return syscall(SYS_tgkill, getpid(), number, 0) == 0 || errno != ESRCH;
}

void OwnThread::Join() {
  if (thread_.joinable()) thread_.join();
  number_ = kNone;
}

void OwnThread::InterruptAndJoin() {
  if (!thread_.joinable()) return;
  InterruptingAction action;
  do {
    action.Ensure();
    pthread_kill(thread_.native_handle(), kInterrupt);
  } while (ended_.wait_for(kAgain) != std::future_status::ready && alive());
  Join();
}

Interruptible::Interruptible() { ChangeInterruptSignal(SIG_UNBLOCK); }

Interruptible::~Interruptible() { ChangeInterruptSignal(SIG_BLOCK); }
