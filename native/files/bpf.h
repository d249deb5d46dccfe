// Programs of BPF that are pinned: bpf(2).
#pragma once

#include <napi.h>

// (path: Uint8Array) => Promise<{ file: Descriptor, type: number }>
// Opens what is pinned there. The type is that of the program, BPF_PROG_TYPE_*, or 0 of what is none, as of a map.
Napi::Value OpenPinned(const Napi::CallbackInfo& info);
