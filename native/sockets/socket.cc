#include "sockets/socket.h"

#include <sys/socket.h>

#include <memory>
#include <utility>
#include <vector>

#include "addon.h"
#include "sockets/socket_spec.h"
#include "threads/netns_job.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

class OpenSocketJob : public NetnsJob {
 public:
  explicit OpenSocketJob(SocketSpec spec) : spec_(std::move(spec)) {}

  Status Open() override { return spec_.Open(fd_); }

  Napi::Value Result(Napi::Env env) override { return Descriptor::New(env, std::move(fd_)); }

 private:
  SocketSpec spec_;
  UniqueFd fd_;
};

class CloseSocketJob : public Job {
 public:
  explicit CloseSocketJob(SharedFd fd) : fd_(std::move(fd)) {}

  Status Run(ThreadNetns&) override {
    fd_.reset();
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 private:
  SharedFd fd_;
};

}  // namespace

Napi::Value OpenSocket(const Napi::CallbackInfo& info) {
  return SubmitIn(info[0], std::make_unique<OpenSocketJob>(SocketSpec(info[1])));
}

Napi::Value GetSocketOption(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  std::vector<uint8_t> value(static_cast<size_t>(Number(info[3])));
  auto length = static_cast<socklen_t>(value.size());
  if (getsockopt(fd->get(), Number(info[1]), Number(info[2]), value.data(), &length) != 0) {
    return Throw(env, Status::Last("getsockopt"));
  }
  return Napi::Buffer<uint8_t>::Copy(env, value.data(), length);
}

Napi::Value CloseSocket(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::Take(info[0]);
  if (!fd) return {};
  return env.GetInstanceData<Addon>()->Submit(env, std::make_unique<CloseSocketJob>(std::move(fd)));
}
