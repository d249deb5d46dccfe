// The /etc of a network namespace.
#pragma once

// Binds what is in /etc/netns/NAME/ over what has the same name in /etc. Where that fails, as for a file that /etc
// lacks, it reports that on standard error and goes on, as `ip netns exec` does.
void lay_over_etc(const char* name);
