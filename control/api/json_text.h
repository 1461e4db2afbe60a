// SPDX-License-Identifier: Apache-2.0
// Writes JSON as text, for results of many rows: a tree of Json values takes ten times as long. The
// text is what Json would give: compact, with keys in the order in which they are written.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace vipfwd::api {

class JsonText {
  public:
    // `bytes` is about how long the text will be.
    explicit JsonText(std::size_t bytes = 0) { text_.reserve(bytes); }

    // `bracket` is '[' or '{', and the matching one for end().
    void begin(char bracket);
    void end(char bracket) { text_ += bracket; }

    // Of the next value, within an object.
    void key(std::string_view name);

    // Invalid UTF-8 is replaced.
    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(double number);
    void value(std::unsigned_integral auto number) {
        separate();
        text_ += std::to_string(number);
    }
    void value(bool flag);
    void value(std::nullptr_t);

    template <typename Value>
    void field(std::string_view name, const Value& its_value) {
        key(name);
        value(its_value);
    }

    std::string take() && { return std::move(text_); }

  private:
    void separate();

    std::string text_;
};

}  // namespace vipfwd::api
