// The /etc of a network namespace.
#pragma once

// Binds what is in /etc/netns/NAME/ over what has the same name in /etc. Where that cannot be done, as for a file that
// /etc has not, it says so on standard error and goes on: that is how `ip netns exec` does it.
void lay_over_etc(const char* name);
