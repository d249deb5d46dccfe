// The files below /proc/sys/net. They show the namespace of the thread that opens them, whichever thread reads and
// writes them afterwards.
#pragma once

#include <napi.h>

// (netns: Descriptor | null, paths: string[], values: string[] | null) => Promise<{ values: string[], failed, error? }>
// Reads the files, or writes a value to each. All are opened before the first is written. Where one cannot be opened,
// read or written, `failed` is its index, `error` the reason, and those after it are left alone; otherwise `failed` is
// -1. null is the namespace of the JavaScript thread.
Napi::Value Sysctl(const Napi::CallbackInfo& info);
