#include "files/file_lock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <system_error>

#include "addon.h"
#include "threads/blocked_signals.h"
#include "threads/executor.h"

namespace {

// The lock is the second byte of the file. The first is the place at the head of the queue: who releases the lock and
// wants it back at once would otherwise always be faster than those who have to wake up first.
constexpr off_t kQueue = 0;
constexpr off_t kLock = 1;

Status Change(int fd, int command, short type, off_t byte) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  while (fcntl(fd, command, &range) != 0) {
    if (errno != EINTR) return Status::Last("fcntl");
  }
  return Status::Ok();
}

// With F_OFD_SETLK it fails with EAGAIN where F_OFD_SETLKW waits.
Status Take(int fd, int command) {
  if (const Status queued = Change(fd, command, F_WRLCK, kQueue); !queued.ok()) return queued;
  const Status locked = Change(fd, command, F_WRLCK, kLock);
  Change(fd, F_OFD_SETLK, F_UNLCK, kQueue);
  return locked;
}

class OpenFileJob : public Job {
 public:
  OpenFileJob(std::string path, int flags, mode_t mode) : path_(std::move(path)), flags_(flags), mode_(mode) {}

  Status Run(Place&) override {
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
  void Deliver(Napi::Env env) override { locks_.Settle(env, wait_); }

 private:
  FileLocks& locks_;
  Waits::iterator wait_;
};

FileLocks::FileLocks(Mailbox& mailbox, Stats& stats) : mailbox_(mailbox), stats_(stats) {}

FileLocks::~FileLocks() { Stop(); }

Napi::Promise FileLocks::Lock(Napi::Env env, SharedFd fd) {
  auto deferred = Napi::Promise::Deferred::New(env);
  const Status status = Take(fd->get(), F_OFD_SETLK);
  if (status.ok()) {
    deferred.Resolve(env.Undefined());
  } else if (status.number != EAGAIN) {
    deferred.Reject(ToError(env, status));
  } else if (const Status started = Start(deferred, std::move(fd)); !started.ok()) {
    deferred.Reject(ToError(env, started));
  }
  return deferred.Promise();
}

Status FileLocks::Start(Napi::Promise::Deferred deferred, SharedFd fd) {
  const auto wait = waits_.insert(waits_.end(), Wait{deferred, std::move(fd)});
  try {
    BlockedSignals blocked;
    wait->thread = std::thread(&FileLocks::Work, this, wait);
  } catch (const std::system_error& error) {
    waits_.erase(wait);
    return {"pthread_create", error.code().value()};
  }
  stats_.threads++;
  mailbox_.Expect();
  return Status::Ok();
}

// Nothing but a cancellation gets a thread out of the wait without a signal, and those are the application's. It comes
// as an exception in fcntl (glibc), which closes nothing: the descriptor is the waiter's, and with it a lock that was
// granted at that moment.
void FileLocks::Work(Waits::iterator wait) {
  int before;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  pthread_setname_np(pthread_self(), "rtnetns");
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
  const Status status = Take(wait->fd->get(), F_OFD_SETLKW);
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  wait->status = status;
  mailbox_.Post(std::make_unique<Parcel>(*this, wait));
}

void FileLocks::Settle(Napi::Env env, Waits::iterator wait) {
  wait->thread.join();
  mailbox_.Settle();
  const auto deferred = wait->deferred;
  const Status status = wait->status;
  waits_.erase(wait);
  if (status.ok()) {
    deferred.Resolve(env.Undefined());
  } else {
    deferred.Reject(ToError(env, status));
  }
}

void FileLocks::Stop() {
  for (auto& wait : waits_) {
    pthread_cancel(wait.thread.native_handle());
    wait.thread.join();
  }
  waits_.clear();
}

Napi::Value OpenFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return env.GetInstanceData<Addon>()->executor().Submit(
      env,
      std::make_unique<OpenFileJob>(info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::Number>().Int32Value(),
                                    info[2].As<Napi::Number>().Uint32Value()));
}

Napi::Value LockFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  return env.GetInstanceData<Addon>()->file_locks().Lock(env, std::move(fd));
}

Napi::Value UnlockFile(const Napi::CallbackInfo& info) {
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  Change(fd->get(), F_OFD_SETLK, F_UNLCK, kLock);
  return info.Env().Undefined();
}
