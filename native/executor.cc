#include "executor.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <chrono>

namespace {

// Three quarters of what we ask for runs under the kernel's one RTNL lock: a second thread overlaps the
// rest, a third finds nothing to do (measured on 6.18).
constexpr size_t kThreads = 2;

// The application's signals belong to its own threads.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

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
  queue_.push_back(std::move(ticket));
  for (const std::thread::id& id : retired_) {
    auto thread = std::find_if(threads_.begin(), threads_.end(), [&](auto& t) { return t.get_id() == id; });
    thread->join();
    threads_.erase(thread);
  }
  retired_.clear();
  if (queue_.size() <= idle_) {
    wake_.notify_one();
  } else if (threads_.size() < kThreads) {
    // Started from here, a thread begins in the namespace of the JavaScript thread.
    BlockedSignals blocked;
    threads_.emplace_back(&Executor::Work, this);
    stats_.threads++;
  }
  return promise;
}

std::unique_ptr<Executor::Ticket> Executor::Next(const Place& place) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!place.away()) {
    idle_++;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    idle_--;
  }
  if (stopping_ || queue_.empty()) {
    // A thread that waited inside a namespace would keep it alive after its deletion. There is no way
    // back to count on, either: setns to the first namespace needs rights in the user namespace that owns
    // it. So the thread ends, and the next job gets a fresh one.
    if (!stopping_) retired_.push_back(std::this_thread::get_id());
    return nullptr;
  }
  auto ticket = std::move(queue_.front());
  queue_.pop_front();
  return ticket;
}

void Executor::Work() {
  pthread_setname_np(pthread_self(), "rtnetns");
  Place place;
  while (auto ticket = Next(place)) {
    const auto start = std::chrono::steady_clock::now();
    ticket->Run(place);
    const auto spent = std::chrono::steady_clock::now() - start;
    stats_.busy_ns += static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
    stats_.jobs++;
    mailbox_.Post(std::move(ticket));
  }
}

void Executor::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}
