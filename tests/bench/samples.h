// SPDX-License-Identifier: Apache-2.0
// Many figures of one thing, and their quantiles.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vipfwd::bench {

class Samples {
  public:
    void add(double value) { values_.push_back(value); }
    std::size_t count() const { return values_.size(); }
    // The quantile; 0.5: the median. Requires samples.
    double quantile(double share) const {
        std::vector<double> sorted = values_;
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                         sorted.end());
        return sorted[rank];
    }
    double p5() const { return quantile(0.05); }
    double median() const { return quantile(0.5); }

  private:
    std::vector<double> values_;
};

}  // namespace vipfwd::bench
