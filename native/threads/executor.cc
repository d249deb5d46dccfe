#include "threads/executor.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "threads/blocked_signals.h"

namespace {

// One for netlink, one beside it for what is not under the kernel's one RTNL lock: making namespaces. A second
// thread on netlink only waits for the lock, and costs 10 to 20 % by that (6.18, two CPUs).
constexpr size_t kThreads = 2;

// In a namespace, for the next of calls that are made one after another: a new thread costs 50 to 100 us.
constexpr auto kLingering = std::chrono::milliseconds(1);

}  // namespace

Status Place::Enter(int netns_fd) {
  if (setns(netns_fd, CLONE_NEWNET) != 0) return Status::Last("setns");
  away_ = true;
  return Status::Ok();
}

Status Place::EnterNew() {
  if (unshare(CLONE_NEWNET) != 0) return Status::Last("unshare");
  away_ = true;
  return Status::Ok();
}

class Executor::Ticket : public Delivery {
 public:
  Ticket(Napi::Env env, Mailbox& mailbox, std::unique_ptr<Job> job)
      : deferred_(Napi::Promise::Deferred::New(env)), mailbox_(mailbox), job_(std::move(job)) {}

  void Run(Place& place) { status_ = job_->Run(place); }

  void Deliver(Napi::Env env) override {
    mailbox_.Settle();
    if (status_.ok()) {
      deferred_.Resolve(job_->Result(env));
    } else {
      deferred_.Reject(ToError(env, status_));
    }
  }

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
  mailbox_.Expect();

  std::lock_guard<std::mutex> lock(mutex_);
  Queue(std::move(ticket));
  for (const std::thread::id& id : retired_) {
    auto thread = std::find_if(threads_.begin(), threads_.end(), [&](auto& t) { return t.get_id() == id; });
    thread->join();
    threads_.erase(thread);
  }
  retired_.clear();
  if (Runnable() <= idle_) {
    if (idle_ > 0) wake_.notify_one();
  } else if (threads_.size() < kThreads) {
    // Started from here, a thread begins in the namespace of the JavaScript thread.
    BlockedSignals blocked;
    threads_.emplace_back(&Executor::Work, this);
    stats_.threads++;
  }
  return promise;
}

size_t Executor::Runnable() const { return others_.size() + (netlink_.empty() || netlink_busy_ ? 0 : 1); }

void Executor::Queue(std::unique_ptr<Ticket> ticket) {
  (ticket->netlink() ? netlink_ : others_).push_back(std::move(ticket));
}

std::unique_ptr<Executor::Ticket> Executor::Take() {
  const bool netlink = !netlink_.empty() && !netlink_busy_;
  auto& queue = netlink ? netlink_ : others_;
  netlink_busy_ = netlink_busy_ || netlink;
  auto ticket = std::move(queue.front());
  queue.pop_front();
  return ticket;
}

std::unique_ptr<Executor::Ticket> Executor::Next(const Place& place) {
  const auto ready = [this] { return stopping_ || Runnable() > 0; };
  std::unique_lock<std::mutex> lock(mutex_);
  idle_++;
  if (place.away()) {
    wake_.wait_for(lock, kLingering, ready);
  } else {
    wake_.wait(lock, ready);
  }
  idle_--;
  if (stopping_) return nullptr;
  if (Runnable() > 0) return Take();
  // A thread that went on waiting inside a namespace would keep it alive after its deletion. There is no way back
  // to count on, either: setns to the first namespace needs rights in the user namespace that owns it. So the
  // thread ends, and the next job gets a fresh one.
  retired_.push_back(std::this_thread::get_id());
  return nullptr;
}

void Executor::Work() {
  pthread_setname_np(pthread_self(), "rtnetns");
  Place place;
  while (auto ticket = Next(place)) {
    const bool netlink = ticket->netlink();
    const auto start = std::chrono::steady_clock::now();
    ticket->Run(place);
    const auto spent = std::chrono::steady_clock::now() - start;
    stats_.busy_ns += static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
    stats_.jobs++;
    const bool done = ticket->done();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (netlink) netlink_busy_ = false;
      if (!done) {
        Queue(std::move(ticket));
        wake_.notify_one();
      }
    }
    if (done) mailbox_.Post(std::move(ticket));
    // Busy one job after another, this thread would keep the CPU that the event loop woke up on until the next tick
    // of the clock, 4 ms, or several. Here it holds no lock of the kernel's.
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
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}
