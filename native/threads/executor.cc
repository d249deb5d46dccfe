#include "threads/executor.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <new>

namespace {

// One for netlink, one beside it for what is not under the kernel's one RTNL lock: making namespaces. A second
// thread on netlink only waits for that lock, and costs 10 to 20 % by the wait (6.18, two CPUs).
constexpr size_t kThreads = 2;

// How long a thread waits inside a namespace for the next job of calls that are made one after another, because a new
// thread costs 50 to 100 us.
constexpr auto kLingering = std::chrono::milliseconds(1);

}  // namespace

class Executor::Ticket : public Delivery {
 public:
  Ticket(Napi::Env env, Mailbox& mailbox, std::unique_ptr<Job> job)
      : deferred_(Napi::Promise::Deferred::New(env)), mailbox_(mailbox), job_(std::move(job)) {}

  void Run(ThreadNetns& thread) {
    try {
      status_ = job_->Run(thread);
    } catch (const std::bad_alloc&) {
      status_ = Status::NoMemory();
    }
  }

  void Deliver(Napi::Env env) override {
    mailbox_.Settle();
    try {
      Settle(env, deferred_, status_, [&] { return job_->Result(env); });
    } catch (const std::exception&) {
      // There is no room for the result, or the environment ends, where this throws again.
      Settle(env, deferred_, Status::NoMemory(), [&] { return env.Undefined(); });
    }
  }

  void Killed() { status_ = job_->Killed(); }

  // In the place of what the job comes to.
  void Fail(const Status& status) { status_ = status; }

  bool netlink() const { return job_->netlink(); }
  bool done() const { return !status_.ok() || job_->done(); }

  Napi::Promise Promise() const { return deferred_.Promise(); }

 private:
  Napi::Promise::Deferred deferred_;
  Mailbox& mailbox_;
  std::unique_ptr<Job> job_;
  Status status_;
};

Executor::Executor(Mailbox& mailbox, Stats& stats) : mailbox_(mailbox), stats_(stats) {}

Executor::~Executor() { Stop(); }

Napi::Promise Executor::Submit(Napi::Env env, std::unique_ptr<Job> job) {
  auto ticket = std::make_unique<Ticket>(env, mailbox_, std::move(job));
  Napi::Promise promise = ticket->Promise();
  std::lock_guard<std::mutex> lock(mutex_);
  Queue(ticket);
  mailbox_.Expect();
  Serve();
  return promise;
}

bool Executor::ReplaceKilled() {
  std::lock_guard<std::mutex> lock(mutex_);
  Serve();
  const auto works = [](const Worker& worker) { return worker.ticket != nullptr; };
  return !netlink_.empty() || !others_.empty() || std::any_of(workers_.begin(), workers_.end(), works);
}

void Executor::Serve() {
  JoinRetired();
  GiveUpKilled();
  if (Runnable() == 0) return;
  if (const Status status = WakeOrStart(); !status.ok()) Fail(status);
}

void Executor::JoinRetired() {
  workers_.remove_if([](const Worker& worker) { return worker.retired; });
}

// A seccomp filter may kill the thread that makes a system call, and not the process. Nobody reports that: see Rounds.
// The thread's own job comes to nothing.
void Executor::GiveUpKilled() {
  bool in_vain = false;
  workers_.remove_if([&](Worker& worker) {
    if (worker.thread.alive()) return false;
    stats_.killed++;
    in_vain = in_vain || !worker.began;
    if (worker.idle) idle_--;
    if (worker.ticket) {
      if (worker.ticket->netlink()) netlink_busy_ = false;
      worker.ticket->Killed();
      mailbox_.Post(std::move(worker.ticket));
    }
    return true;
  });
  // The next thread would come to the same end.
  if (in_vain && workers_.empty()) Fail({"thread", ECANCELED});
}

// It fails where there is no thread at all; otherwise the job waits for one.
Status Executor::WakeOrStart() {
  if (Runnable() <= idle_) {
    if (idle_ > 0) wake_.notify_one();
    return Status::Ok();
  }
  if (workers_.size() == kThreads) return Status::Ok();
  // The thread begins in the namespace of the JavaScript thread, because it is started from there.
  Status started;
  try {
    Worker& worker = workers_.emplace_back();
    started = worker.thread.Start(stats_, [this, &worker] { Work(worker); });
    if (!started.ok()) workers_.pop_back();
  } catch (const std::bad_alloc&) {
    started = Status::NoMemory();
  }
  return workers_.empty() ? started : Status::Ok();
}

// No thread is left that could do what waits.
void Executor::Fail(const Status& status) {
  for (auto* queue : {&netlink_, &others_}) {
    for (auto& ticket : *queue) {
      ticket->Fail(status);
      mailbox_.Post(std::move(ticket));
    }
    queue->clear();
  }
}

size_t Executor::Runnable() const { return others_.size() + (netlink_.empty() || netlink_busy_ ? 0 : 1); }

void Executor::Queue(std::unique_ptr<Ticket>& ticket) {
  (ticket->netlink() ? netlink_ : others_).push_back(std::move(ticket));
}

void Executor::QueueAgain(std::unique_ptr<Ticket>& ticket) {
  try {
    Queue(ticket);
    wake_.notify_one();
  } catch (const std::bad_alloc&) {
    ticket->Fail(Status::NoMemory());
  }
}

void Executor::Take(Worker& worker) {
  const bool netlink = !netlink_.empty() && !netlink_busy_;
  auto& queue = netlink ? netlink_ : others_;
  netlink_busy_ = netlink_busy_ || netlink;
  worker.ticket = std::move(queue.front());
  queue.pop_front();
}

bool Executor::Next(Worker& worker, const ThreadNetns& thread) {
  const auto ready = [this] { return stopping_ || Runnable() > 0; };
  std::unique_lock<std::mutex> lock(mutex_);
  worker.began = true;
  idle_++;
  worker.idle = true;
  if (thread.away()) {
    wake_.wait_for(lock, kLingering, ready);
  } else {
    wake_.wait(lock, ready);
  }
  idle_--;
  worker.idle = false;
  if (stopping_) return false;
  if (Runnable() > 0) {
    Take(worker);
    return true;
  }
  // A thread that went on waiting inside a namespace would keep it alive after its deletion. There is no way back
  // to count on, either, because setns(2) to the first namespace needs rights in the user namespace that owns it. So
  // the thread ends, and the next job gets a fresh one.
  worker.retired = true;
  return false;
}

void Executor::Work(Worker& worker) {
  ThreadNetns thread;
  while (Next(worker, thread)) {
    Ticket& ticket = *worker.ticket;
    const bool netlink = ticket.netlink();
    const auto start = std::chrono::steady_clock::now();
    ticket.Run(thread);
    const auto spent = std::chrono::steady_clock::now() - start;
    stats_.busy_ns += static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
    stats_.jobs++;
    std::unique_ptr<Ticket> finished;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (netlink) netlink_busy_ = false;
      if (!ticket.done()) QueueAgain(worker.ticket);
      finished = std::move(worker.ticket);
    }
    if (finished) mailbox_.Post(std::move(finished));
    // With one job after another, this thread would keep the CPU that the event loop woke up on until the next tick of
    // the clock, for 4 ms or several times that. Here the thread holds no lock of the kernel's.
    sched_yield();
  }
}

void Executor::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    netlink_.clear();
    others_.clear();
  }
  wake_.notify_all();
  workers_.clear();
}
