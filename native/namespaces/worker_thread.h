// The one JavaScript thread that may enter a namespace: the thread of a worker that was made to live there.
#pragma once

#include <napi.h>

// (netns: number): the calling thread is in that namespace from now on, for life. Throws on the main thread.
Napi::Value EnterNetns(const Napi::CallbackInfo& info);
