// SPDX-License-Identifier: Apache-2.0
// The lines that report the results of benchmarks.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/bench/cycle_samples.h"
#include "tests/bench/samples.h"

namespace vipfwd::bench {

// One result, as scripts/bench reads it: one line with a JSON object.
class Line {
  public:
    Line(const std::string& name, const std::string& unit) {
        line_["case"] = name;
        line_["unit"] = unit;
    }
    Line& value(double value) {
        line_["value"] = value;
        return *this;
    }
    Line& value(const Cycles& value) {
        this->value(value.clock);
        line_["tsc"] = value.tsc;
        return *this;
    }
    Line& p5(double value) {
        line_["p5"] = value;
        return *this;
    }
    Line& samples(const Samples& samples) { return p5(samples.p5()).value(samples.median()); }
    // Without enough samples the line has no value.
    Line& samples(const CycleSamples& samples) {
        gate(samples);
        return samples.are_enough() ? p5(samples.p5()).value(samples.median()) : *this;
    }
    // Says how many samples were left out.
    Line& gate(const CycleSamples& samples) {
        line_["gated"] = samples.gated();
        line_["samples"] = samples.count();
        return *this;
    }
    Line& reference(const std::string& name, const Samples& samples) {
        return reference(name, samples.median());
    }
    Line& reference(const std::string& name, const CycleSamples& samples) {
        return samples.are_enough() ? reference(name, samples.median().clock) : *this;
    }
    // A line without a value gets no reference.
    Line& reference(const std::string& name, double value) {
        if (!line_.contains("value"))
            return *this;
        line_["reference"] = name;
        line_["reference_value"] = value;
        line_["ratio"] = line_["value"].get<double>() / value;
        return *this;
    }
    std::string text() const { return line_.dump(); }
    void print() const {
        std::puts(text().c_str());
        std::fflush(stdout);
    }

  private:
    nlohmann::ordered_json line_;
};

}  // namespace vipfwd::bench
