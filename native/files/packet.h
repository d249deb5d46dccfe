// Packets of a TUN device, one for each read(2) and write(2) of its file.
#pragma once

#include <napi.h>

// (file: Descriptor, room: Uint8Array) => number
// Reads one into the room, at once and without waiting. Returns its length, or an errno as a negative number: EAGAIN
// where there is none.
Napi::Value ReadPacket(const Napi::CallbackInfo& info);

// (file: Descriptor, packet: Uint8Array) => number
// Writes one, as ReadPacket reads it.
Napi::Value WritePacket(const Napi::CallbackInfo& info);
