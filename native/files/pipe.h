// A pipe for what a child process reports before it becomes its command.
#pragma once

#include <napi.h>

// () => { reader: Descriptor, writer: Descriptor }, or throws. Reading does not wait.
Napi::Value OpenPipe(const Napi::CallbackInfo& info);
