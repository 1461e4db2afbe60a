// SPDX-License-Identifier: Apache-2.0
#include "control/config/check.h"

#include <string_view>

#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

// What can be configured and the dataplane cannot do yet. Whoever teaches it deletes the line here.
void unsupported_yet(const Draft& draft, Report& report) {
    for (const GroupDraft& group : draft.groups) {
        for (std::size_t i = 0; i < group.group.vips.size(); ++i) {
            if (!group.group.vips[i].is_v4())
                report.warning(group.at.vips[i],
                               "IPv6 VIP {} is not supported yet: nobody answers for it",
                               to_string(group.group.vips[i]));
        }
    }
    for (const ServiceDraft& service : draft.services) {
        if (service.at.vip.somewhere() && !service.service.vip.is_v4())
            report.error(service.at.vip, "IPv6 VIP {} is not supported yet; use an IPv4 one",
                         to_string(service.service.vip));
    }
    for (const PoolDraft& pool : draft.pools) {
        for (const BackendDraft& backend : pool.backends) {
            if (backend.at.address.somewhere() && !backend.backend.address.is_v4())
                report.error(backend.at.address,
                             "IPv6 backend {} is not supported yet; use an IPv4 address",
                             to_string(backend.backend.address));
        }
    }
    for (const ServiceDraft& service : draft.services) {
        const abi::Forward forward = service.service.forward;
        if (forward != abi::Forward::kIpip)
            report.error(service.at.forward, "forward = \"{}\" is not supported yet; use \"ipip\"",
                         forward == abi::Forward::kGue ? "gue" : "l2");
    }
}

}  // namespace

void check(const Draft& draft, Report& report) {
    Names ports("port", report);
    Names pools("pool", report);
    check_limits(draft, report);
    check_dataplane(draft.dataplane, report);
    check_ports(draft, ports, report);
    check_neighbors(draft, ports, report);
    check_groups(draft, ports, report);
    check_pools(draft, pools, report);
    check_services(draft, pools, report);
    check_addresses(draft, report);
    unsupported_yet(draft, report);
}

}  // namespace vipfwd::config
