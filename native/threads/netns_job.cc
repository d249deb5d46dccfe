#include "threads/netns_job.h"

#include <utility>

#include "addon.h"

Status NetnsJob::Run(ThreadNetns& thread) {
  if (netns_) {
    if (const Status entered = thread.Enter(netns_->get()); !entered.ok()) return entered;
    if (const Status opened = Open(); !opened.ok()) return opened;
  }
  return Use();
}

Napi::Value SubmitIn(const Napi::Value& netns, std::unique_ptr<NetnsJob> job) {
  Napi::Env env = netns.Env();
  auto& addon = *env.GetInstanceData<Addon>();
  if (!netns.IsNull()) {
    job->netns_ = Descriptor::From(netns);
    if (!job->netns_) return {};
    return addon.Submit(env, std::move(job));
  }
  const Status opened = job->Open();
  if (opened.ok() && job->blocks()) return addon.Submit(env, std::move(job));
  auto deferred = Napi::Promise::Deferred::New(env);
  Settle(env, deferred, opened, [&] { return job->Result(env); });
  return deferred.Promise();
}
