#include "namespaces/star_member.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include "addon.h"
#include "namespaces/new_netns.h"
#include "sockets/exchange.h"
#include "threads/executor.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

class CreateMemberJob : public Job {
 public:
  CreateMemberJob(NewNetns netns, SharedFd outside, std::vector<uint8_t> outer, size_t fd_at,
                  std::vector<uint8_t> inner, Stats& stats)
      : netns_(std::move(netns)),
        outside_(std::move(outside)),
        outer_(std::move(outer)),
        fd_at_(fd_at),
        inner_(std::move(inner)),
        outer_exchange_(stats),
        inner_exchange_(stats) {}

  // First the namespace is made, while another job may use netlink; then the requests wait for their turn.
  bool netlink() const override { return made_; }
  bool done() const override { return linked_; }

  Status Run(ThreadNetns& thread) override {
    if (made_) return Link();
    const Status made = netns_.Make(thread);
    made_ = made.ok();
    return made;
  }

  // The namespace has an owner, also where a request comes to nothing.
  Status Killed() override {
    if (!made_) return Job::Killed();
    inside_ = UniqueFd();
    outer_exchange_.GiveUp(ECANCELED);
    inner_exchange_.GiveUp(ECANCELED);
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = netns_.opened().ToObject(env);
    result.Set("outer", outer_exchange_.ToObject(env));
    result.Set("inner", inner_exchange_.ToObject(env));
    return result;
  }

 private:
  Status Link() {
    linked_ = true;
    const int32_t fd = netns_.opened().fd();
    std::memcpy(outer_.data() + fd_at_, &fd, sizeof fd);
    inside_ = netns_.TakeSocket();
    // A refusal is returned with the replies, because as an error of the job it would leave the namespace without an
    // owner.
    outer_exchange_.Run(outside_->get(), outer_);
    inner_exchange_.Run(inside_.get(), inner_);
    inside_ = UniqueFd();
    return Status::Ok();
  }

  NewNetns netns_;
  SharedFd outside_;
  std::vector<uint8_t> outer_;
  size_t fd_at_;
  std::vector<uint8_t> inner_;
  UniqueFd inside_;
  Exchange outer_exchange_;
  Exchange inner_exchange_;
  bool made_ = false;
  bool linked_ = false;
};

}  // namespace

Napi::Value CreateMember(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto* addon = env.GetInstanceData<Addon>();
  auto outside = Descriptor::From(info[3]);
  if (!outside) return {};
  auto outer = Bytes(info[4]);
  const size_t fd_at = info[5].As<Napi::Number>().Uint32Value();
  if (fd_at + sizeof(int32_t) > outer.size()) {
    Napi::RangeError::New(env, "fdAt is beyond the bytes").ThrowAsJavaScriptException();
    return {};
  }
  NewNetns netns({Text(info[0]), addon->ready_mount()}, TextOrNull(info[1]), SocketSpec(info[2]));
  return addon->Submit(env, std::make_unique<CreateMemberJob>(std::move(netns), std::move(outside), std::move(outer),
                                                              fd_at, Bytes(info[6]), addon->stats()));
}
