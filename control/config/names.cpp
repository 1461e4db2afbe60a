// SPDX-License-Identifier: Apache-2.0
#include "control/config/names.h"

#include <optional>

#include "control/text/quote.h"
#include "control/text/suggest.h"

namespace vipfwd::config {

void Names::define(std::string_view name, Location where) {
    if (!where.is_set())
        return;
    if (const std::optional<Location> first = places_.add(name, where))
        report_->error(where, "two {}s are named {}, the other in line {}; rename one", kind_,
                       text::quote(name), first->line);
    else
        names_.push_back(name);
}

void Names::refer(std::string_view name, Location where) {
    if (!where.is_set() || places_.find(name))
        return;
    const bool suggests = suggestions_left_ > 0;
    suggestions_left_ -= suggests ? 1 : 0;
    report_->error(where, "there is no {} named {}{}", kind_, text::quote(name),
                   suggests ? text::suggestion(name, names_) : "");
}

}  // namespace vipfwd::config
