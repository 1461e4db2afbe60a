// SPDX-License-Identifier: Apache-2.0
#include "control/health/answer_search.h"

#include <algorithm>

namespace vipfwd::health {
namespace {

constexpr std::size_t kBeginningBytes = 100;

}  // namespace

void AnswerSearch::add(std::string_view piece) {
    piece = piece.substr(0, kMaxBytes - bytes_);
    bytes_ += piece.size();
    beginning_ += piece.substr(0, kBeginningBytes - beginning_.size());
    const std::size_t overlap = wanted_.size() - 1;
    tail_ += piece.substr(0, overlap);
    found_ = found_ || tail_.find(wanted_) != std::string::npos ||
             piece.find(wanted_) != std::string_view::npos;
    if (piece.size() >= overlap)
        tail_ = piece.substr(piece.size() - overlap);
    else
        tail_.erase(0, tail_.size() - std::min(tail_.size(), overlap));
}

}  // namespace vipfwd::health
