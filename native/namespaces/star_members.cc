#include "namespaces/star_members.h"

#include <sched.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "addon.h"
#include "namespaces/new_netns.h"
#include "sockets/exchange.h"
#include "threads/executor.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

// One row of the layout.
struct Datagrams {
  uint32_t outer_bytes;
  uint32_t outer_requests;
  uint32_t fd_at;
  uint32_t inner_bytes;
  uint32_t inner_requests;

  bool sound() const { return fd_at <= outer_bytes && outer_bytes - fd_at >= sizeof(int32_t); }
};

constexpr size_t kColumns = sizeof(Datagrams) / sizeof(uint32_t);

class Member {
 public:
  Member(NewNetns netns, const Datagrams& datagrams, uint8_t* outer, Stats& stats)
      : netns_(std::move(netns)),
        datagrams_(datagrams),
        outer_(outer),
        outer_exchange_(stats),
        inner_exchange_(stats) {}

  void Make(ThreadNetns& thread) {
    try {
      made_ = netns_.Make(thread);
    } catch (const std::bad_alloc&) {
      made_ = Status::NoMemory();
    }
  }

  // A refusal is returned with the replies, because as an error it would leave the namespace without an owner.
  void Link(int outside) {
    if (!made_.ok()) return;
    const int32_t fd = netns_.opened().fd();
    std::memcpy(outer_ + datagrams_.fd_at, &fd, sizeof fd);
    inside_ = netns_.TakeSocket();
    try {
      outer_exchange_.Run(outside, outer_, datagrams_.outer_bytes);
      inner_exchange_.Run(inside_.get(), outer_ + datagrams_.outer_bytes, datagrams_.inner_bytes);
    } catch (const std::bad_alloc&) {
      GiveUp(ENOMEM);
    }
    inside_ = UniqueFd();
    acknowledged_ = outer_exchange_.Acknowledged(datagrams_.outer_requests) &&
                    inner_exchange_.Acknowledged(datagrams_.inner_requests);
  }

  // Of a member that was linked, too: the answers that it has are its result.
  void GiveUp(int error) {
    netns_.TakeSocket();
    inside_ = UniqueFd();
    outer_exchange_.GiveUp(error);
    inner_exchange_.GiveUp(error);
  }

  bool made() const { return made_.ok(); }
  bool acknowledged() const { return acknowledged_; }
  OpenedNetns& opened() { return netns_.opened(); }

  Napi::Object Rest(Napi::Env env, uint32_t at) {
    auto rest = Napi::Object::New(env);
    rest.Set("at", at);
    if (!made_.ok()) {
      rest.Set("error", ToError(env, made_));
    } else {
      rest.Set("outer", outer_exchange_.ToObject(env));
      rest.Set("inner", inner_exchange_.ToObject(env));
    }
    return rest;
  }

 private:
  NewNetns netns_;
  Datagrams datagrams_;
  uint8_t* outer_;   // the inner datagram comes next
  UniqueFd inside_;  // not of Link alone, because its thread may be killed there
  Exchange outer_exchange_;
  Exchange inner_exchange_;
  Status made_ = {"thread", ECANCELED};  // until it has been tried
  bool acknowledged_ = false;
};

class CreateMembersJob : public Job {
 public:
  CreateMembersJob(std::vector<uint8_t> bytes, SharedFd outside)
      : bytes_(std::move(bytes)), outside_(std::move(outside)) {}

  // Whether there were bytes for it.
  bool Add(NewNetns netns, const Datagrams& datagrams, Stats& stats) {
    const size_t size = size_t{datagrams.outer_bytes} + datagrams.inner_bytes;
    if (!datagrams.sound() || size > bytes_.size() - used_) return false;
    members_.emplace_back(std::move(netns), datagrams, bytes_.data() + used_, stats);
    used_ += size;
    return true;
  }

  // First the namespaces are made, while another job may use netlink; then the requests wait for their turn.
  bool netlink() const override { return made_; }
  bool done() const override { return linked_; }

  Status Run(ThreadNetns& thread) override {
    for (Member& member : members_) {
      if (made_) {
        member.Link(outside_->get());
      } else {
        member.Make(thread);
      }
      sched_yield();  // as after each job: see Executor::Work
    }
    (made_ ? linked_ : made_) = true;
    return Status::Ok();
  }

  // What has been made has an owner.
  Status Killed() override {
    for (Member& member : members_) {
      if (!member.acknowledged()) member.GiveUp(ECANCELED);
    }
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto netns = Napi::Array::New(env, members_.size());
    auto identities = Napi::Float64Array::New(env, 2 * members_.size());
    auto rest = Napi::Array::New(env);
    for (uint32_t i = 0; i < members_.size(); i++) {
      Member& member = members_[i];
      if (!member.acknowledged()) rest.Set(rest.Length(), member.Rest(env, i));
      if (!member.made()) continue;
      identities[2 * i] = member.opened().dev();
      identities[2 * i + 1] = member.opened().ino();
      netns.Set(i, member.opened().ToDescriptor(env));
    }
    auto result = Napi::Object::New(env);
    result.Set("netns", netns);
    result.Set("identities", identities);
    result.Set("rest", rest);
    return result;
  }

 private:
  std::vector<uint8_t> bytes_;
  size_t used_ = 0;
  SharedFd outside_;
  std::vector<Member> members_;
  bool made_ = false;
  bool linked_ = false;
};

}  // namespace

Napi::Value CreateMembers(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto* addon = env.GetInstanceData<Addon>();
  auto outside = Descriptor::From(info[3]);
  if (!outside) return {};
  const NetnsDirectory directory{Text(info[0]), addon->ready_mount()};
  const auto names = info[1].As<Napi::Array>();
  const SocketSpec spec(info[2]);
  const auto layout = info[5].As<Napi::Uint32Array>();
  auto job = std::make_unique<CreateMembersJob>(Bytes(info[4]), std::move(outside));
  for (uint32_t i = 0; i < names.Length(); i++) {
    Datagrams datagrams{};
    const bool given = (i + 1) * kColumns <= layout.ElementLength();
    if (given) std::memcpy(&datagrams, layout.Data() + i * kColumns, sizeof datagrams);
    if (!given || !job->Add(NewNetns(directory, TextOrNull(names.Get(i)), spec), datagrams, addon->stats())) {
      Napi::RangeError::New(env, "the layout is beyond the bytes").ThrowAsJavaScriptException();
      return {};
    }
  }
  return addon->Submit(env, std::move(job));
}
