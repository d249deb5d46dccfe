// How the scheduler is to treat a thread of ours.
#pragma once

// Others go first where there are too few processors: the event loop above all. Without a smaller share of the
// processor, as a nice value would give: a thread that holds the kernel's RTNL lock must not starve.
void GiveWay();
