// What has no message over netlink: the files of devices, and ioctl(2).
#pragma once

#include <napi.h>

// (netns: Descriptor | null, path: string) => Promise<Descriptor>
// Opens the file of a device for reading and writing, which do not wait. What the file makes belongs to the namespace
// that it was opened in, whichever thread uses it afterwards. null is the namespace of the JavaScript thread.
Napi::Value OpenDevice(const Napi::CallbackInfo& info);

// (file: Descriptor, calls: [request, argument: number | Uint8Array, pointed?: Uint8Array, at?: number][]) =>
//   Promise<{ results: Buffer[], errno: number }>
// Makes the calls one after another, up to the first that fails, whose errno is returned; 0 where none does. A number
// is passed as it is, of bytes the address. The address of `pointed` is laid into the argument `at` a place. The
// results are of the calls that succeeded: what the kernel has made of `pointed`, or else of the argument.
Napi::Value Ioctl(const Napi::CallbackInfo& info);
