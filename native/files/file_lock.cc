#include "files/file_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "addon.h"
#include "threads/executor.h"
#include "values/arguments.h"

namespace {

// The lock is the second byte of the file. Whoever has locked the first byte is the next to get the lock. Without that,
// a process that releases the lock and locks again at once would always be faster than those that have to wake up
// first.
constexpr off_t kQueue = 0;
constexpr off_t kLock = 1;

Status Change(int fd, int command, short type, off_t byte) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  while (fcntl(fd, command, &range) != 0) {
    if (errno != EINTR || command == F_OFD_SETLKW) return Status::Last("fcntl");
  }
  return Status::Ok();
}

// Where it fails, parts of the lock may be held until the descriptor is closed. With F_OFD_SETLK it fails with EAGAIN
// where F_OFD_SETLKW waits. A wait that is interrupted fails with EINTR.
Status Take(int fd, int command) {
  if (const Status queued = Change(fd, command, F_WRLCK, kQueue); !queued.ok()) return queued;
  const Status locked = Change(fd, command, F_WRLCK, kLock);
  const Status left = Change(fd, F_OFD_SETLK, F_UNLCK, kQueue);
  return locked.ok() ? left : locked;
}

class OpenFileJob : public Job {
 public:
  OpenFileJob(std::string path, int flags, mode_t mode) : path_(std::move(path)), flags_(flags), mode_(mode) {}

  Status Run(ThreadNetns&) override {
    fd_ = UniqueFd(open(path_.c_str(), flags_ | O_CLOEXEC, mode_));
    if (!fd_.ok()) return Status::Last("open");
    return fstat(fd_.get(), &identity_) == 0 ? Status::Ok() : Status::Last("fstat");
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = Napi::Object::New(env);
    result.Set("file", Descriptor::New(env, std::move(fd_)));
    result.Set("dev", static_cast<double>(identity_.st_dev));
    result.Set("ino", static_cast<double>(identity_.st_ino));
    return result;
  }

 private:
  std::string path_;
  int flags_;
  mode_t mode_;
  UniqueFd fd_;
  struct stat identity_ {};
};

}  // namespace

class FileLocks::Parcel : public Delivery {
 public:
  Parcel(FileLocks& locks, Waits::iterator wait) : locks_(locks), wait_(wait) {}
  void Deliver(Napi::Env env) override { locks_.Conclude(env, wait_); }

 private:
  FileLocks& locks_;
  Waits::iterator wait_;
};

FileLocks::FileLocks(Mailbox& mailbox, Stats& stats) : mailbox_(mailbox), stats_(stats) {}

FileLocks::~FileLocks() { Stop(); }

Napi::Promise FileLocks::Lock(Napi::Env env, SharedFd fd) {
  auto deferred = Napi::Promise::Deferred::New(env);
  Status status = Take(fd->get(), F_OFD_SETLK);
  if (status.number == EAGAIN) {
    status = Start(deferred, std::move(fd));
    if (status.ok()) return deferred.Promise();  // when the lock is granted
  }
  Settle(env, deferred, status, [&] { return env.Undefined(); });
  return deferred.Promise();
}

Status FileLocks::Start(Napi::Promise::Deferred deferred, SharedFd fd) {
  const auto wait = waits_.emplace(waits_.end(), deferred, std::move(fd));
  wait->parcel = std::make_unique<Parcel>(*this, wait);
  const Status started = wait->thread.Start(stats_, [this, wait] { Work(wait); });
  if (started.ok()) {
    mailbox_.Expect();
  } else {
    waits_.erase(wait);
  }
  return started;
}

// Where the lock was granted at the moment of the end, it is released with the waiter's descriptor.
void FileLocks::Work(Waits::iterator wait) {
  do {
    const Interruptible interruptible;
    wait->status = Take(wait->fd->get(), F_OFD_SETLKW);
  } while (wait->status.number == EINTR && !stopping_);
  if (!stopping_) mailbox_.Post(std::move(wait->parcel));
}

bool FileLocks::GiveUpKilled() {
  for (auto& wait : waits_) {
    if (wait.thread.alive()) continue;
    wait.thread.Join();
    if (!wait.parcel) continue;  // it came to its end
    stats_.killed++;
    wait.status = {"thread", ECANCELED};
    mailbox_.Post(std::move(wait.parcel));
  }
  return !waits_.empty();
}

void FileLocks::Conclude(Napi::Env env, Waits::iterator wait) {
  wait->thread.Join();
  mailbox_.Settle();
  const auto deferred = wait->deferred;
  const Status status = wait->status;
  waits_.erase(wait);
  Settle(env, deferred, status, [&] { return env.Undefined(); });
}

void FileLocks::Stop() {
  stopping_ = true;
  for (auto& wait : waits_) wait.thread.InterruptAndJoin();
  waits_.clear();
}

Napi::Value OpenFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return env.GetInstanceData<Addon>()->Submit(
      env, std::make_unique<OpenFileJob>(Text(info[0]), Number(info[1]), info[2].As<Napi::Number>().Uint32Value()));
}

Napi::Value LockFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  return env.GetInstanceData<Addon>()->Lock(env, std::move(fd));
}

Napi::Value UnlockFile(const Napi::CallbackInfo& info) {
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  return Napi::Boolean::New(info.Env(), Change(fd->get(), F_OFD_SETLK, F_UNLCK, kLock).ok());
}
