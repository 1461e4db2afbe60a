// SPDX-License-Identifier: Apache-2.0
// The packet's walk: parse -> gather -> match -> track -> select -> rewrite, each stage over the
// whole burst. io receives before it and transmits and accounts after it.
#pragma once

#include "dataplane/packet/memory.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/tables.h"

namespace vipfwd::packet {

// Decides every packet of the burst.
Events process(const Tables& tables, Memory& memory, Moment now, Burst& burst);

}  // namespace vipfwd::packet
