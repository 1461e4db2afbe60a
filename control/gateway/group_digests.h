// SPDX-License-Identifier: Apache-2.0
// What gateways compare of the tables in force, for each group. To compute it takes milliseconds
// with tens of thousands of backends, so that it is kept for as long as the generation is in force.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "control/config/model.h"
#include "control/group/peer_findings.h"
#include "control/table/group_digest.h"
#include "control/table/publish.h"

namespace vipfwd::gateway {

class GroupDigests {
  public:
    struct Compared {
        table::GroupDigest digest;
        std::shared_ptr<const group::OwnFindings> findings;  // never null
    };

    // nullopt: nothing is in force. `publisher` is null while there is no region.
    std::optional<Compared> of(const config::Group& group, const table::Publisher* publisher);

  private:
    std::uint64_t generation_ = 0;
    std::map<std::string, Compared> groups_;  // by the group's name
};

}  // namespace vipfwd::gateway
