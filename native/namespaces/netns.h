// Network namespaces, and their names as ip-netns(8) keeps them: files in a directory with the namespace
// mounted on each.
#pragma once

#include <napi.h>

// (directory: string, name: string | null, socket: SocketSpec, ipv6: boolean)
//   => Promise<{ netns, socket: Descriptor, dev, ino }>
// Without a name the namespace lives as long as something refers to it. Without IPv6, all of its devices have the
// sysctl disable_ipv6; where the kernel has no IPv6, that is nothing to do.
Napi::Value CreateNetns(const Napi::CallbackInfo& info);

// (directory: string, name: string, netns: Descriptor) => Promise<void>
Napi::Value AttachNetns(const Napi::CallbackInfo& info);

// (directory: string, name: string, ino: number | null) => Promise<void>
// With an inode, only if the name still is that namespace's; ENOENT otherwise.
Napi::Value RemoveNetns(const Napi::CallbackInfo& info);

// (path: string) => { netns: Descriptor, dev, ino }, or throws; EINVAL from NS_GET_NSTYPE is a file that is
// no network namespace. /proc/thread-self is the JavaScript thread, because that thread opens the path.
Napi::Value OpenNetns(const Napi::CallbackInfo& info);
