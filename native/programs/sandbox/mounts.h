// What the command sees of the file system.
#pragma once

// Gives the current mount namespace, a fresh one, an empty /run/netns and the /sys of the current network
// namespace, unseen from outside. Refuses where the system does.
void arrange_mounts(void);
