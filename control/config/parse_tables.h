// SPDX-License-Identifier: Apache-2.0
// One function a table of the file: asks for the table's keys, with their bounds. The caller
// finishes the table.
#pragma once

#include "control/config/draft.h"
#include "control/config/source.h"

namespace vipfwd::config {

GatewayDraft parse_gateway(TableReader& table);
DataplaneDraft parse_dataplane(TableReader& table);
PortDraft parse_port(TableReader& table);
NeighborDraft parse_neighbor(TableReader& table);
GroupDraft parse_group(TableReader& table);
PoolDraft parse_pool(TableReader& table);
ServiceDraft parse_service(TableReader& table);

}  // namespace vipfwd::config
