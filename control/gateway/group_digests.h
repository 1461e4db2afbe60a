// SPDX-License-Identifier: Apache-2.0
// The digests of the groups for the tables in force. To compute them takes milliseconds with tens
// of thousands of backends, so that they are kept for as long as the generation is in force.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "control/config/model.h"
#include "control/table/group_digest.h"
#include "control/table/publish.h"

namespace vipfwd::gateway {

class GroupDigests {
  public:
    // nullopt: nothing is in force. `publisher` is null while there is no region.
    std::optional<table::GroupDigest> of(const config::Group& group,
                                         const table::Publisher* publisher);

  private:
    std::uint64_t generation_ = 0;
    std::map<std::string, table::GroupDigest> digests_;  // by the group's name
};

}  // namespace vipfwd::gateway
