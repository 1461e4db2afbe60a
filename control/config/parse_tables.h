// SPDX-License-Identifier: Apache-2.0
// One function per table of the file: reads the table's keys, with their types and bounds. The
// caller calls finish() afterwards.
#pragma once

#include "control/config/draft.h"
#include "control/config/table_reader.h"

namespace vipfwd::config {

// Of health checks and tracks.
inline constexpr Bounds kProbeTime_ms{10, 3'600'000};
inline constexpr Bounds kProbeCount{1, 100};

GatewayDraft parse_gateway(TableReader& table);
Control parse_control(TableReader& table);
DataplaneDraft parse_dataplane(TableReader& table);
PortDraft parse_port(TableReader& table);
NeighborDraft parse_neighbor(TableReader& table);
GroupDraft parse_group(TableReader& table);
PoolDraft parse_pool(TableReader& table);
ServiceDraft parse_service(TableReader& table);

}  // namespace vipfwd::config
