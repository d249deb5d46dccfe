#include "files/ioctl.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon.h"
#include "threads/executor.h"
#include "threads/netns_job.h"
#include "values/arguments.h"
#include "values/descriptor.h"
#include "values/guarded_bytes.h"
#include "values/status.h"
#include "values/unique_fd.h"

namespace {

class OpenDeviceJob : public NetnsJob {
 public:
  explicit OpenDeviceJob(std::string path) : path_(std::move(path)) {}

  Status Open() override {
    fd_ = UniqueFd(open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    return fd_.ok() ? Status::Ok() : Status::Last("open");
  }

  Napi::Value Result(Napi::Env env) override { return Descriptor::New(env, std::move(fd_)); }

 private:
  std::string path_;
  UniqueFd fd_;
};

struct Call {
  unsigned long request;
  unsigned long value;  // where there are no bytes
  bool has_bytes;
  bool has_pointed;
  GuardedBytes bytes{};
  GuardedBytes pointed{};

  // What the kernel is given.
  unsigned long argument() const { return has_bytes ? reinterpret_cast<unsigned long>(bytes.data()) : value; }
  const GuardedBytes& result() const { return has_pointed ? pointed : bytes; }
};

Status ToCall(const Napi::Array& row, Call& call) {
  const Napi::Value argument = row.Get(1u);
  const Napi::Value pointed = row.Get(2u);
  call.request = static_cast<unsigned long>(row.Get(0u).As<Napi::Number>().Int64Value());
  call.has_bytes = argument.IsTypedArray();
  call.has_pointed = pointed.IsTypedArray();
  if (!call.has_bytes) {
    call.value = static_cast<unsigned long>(argument.As<Napi::Number>().Int64Value());
    return Status::Ok();
  }
  if (const Status filled = call.bytes.Fill(Bytes(argument)); !filled.ok()) return filled;
  if (!call.has_pointed) return Status::Ok();
  if (const Status filled = call.pointed.Fill(Bytes(pointed)); !filled.ok()) return filled;
  const uint8_t* address = call.pointed.data();
  const auto at = static_cast<size_t>(Number(row.Get(3u)));
  if (at + sizeof address > call.bytes.size()) return {"ioctl", EINVAL};
  std::memcpy(call.bytes.data() + at, &address, sizeof address);
  return Status::Ok();
}

class IoctlJob : public Job {
 public:
  IoctlJob(SharedFd fd, std::vector<Call> calls) : fd_(std::move(fd)), calls_(std::move(calls)) {}

  Status Run(ThreadNetns&) override {
    for (const Call& call : calls_) {
      if (ioctl(fd_->get(), call.request, call.argument()) < 0) {
        errno_ = errno;
        break;
      }
      done_++;
    }
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto results = Napi::Array::New(env, done_);
    for (uint32_t i = 0; i < done_; i++) {
      const GuardedBytes& bytes = calls_[i].result();
      results.Set(i, Napi::Buffer<uint8_t>::Copy(env, bytes.data(), bytes.size()));
    }
    auto result = Napi::Object::New(env);
    result.Set("results", results);
    result.Set("errno", errno_);
    return result;
  }

 private:
  SharedFd fd_;
  std::vector<Call> calls_;
  uint32_t done_ = 0;
  int errno_ = 0;
};

}  // namespace

Napi::Value OpenDevice(const Napi::CallbackInfo& info) {
  return SubmitIn(info[0], std::make_unique<OpenDeviceJob>(Text(info[1])));
}

Napi::Value Ioctl(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  const auto rows = info[1].As<Napi::Array>();
  std::vector<Call> calls(rows.Length());
  for (uint32_t i = 0; i < rows.Length(); i++) {
    const Status status = ToCall(rows.Get(i).As<Napi::Array>(), calls[i]);
    if (!status.ok()) return Throw(env, status);
  }
  return env.GetInstanceData<Addon>()->Submit(env, std::make_unique<IoctlJob>(std::move(fd), std::move(calls)));
}
