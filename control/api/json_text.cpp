// SPDX-License-Identifier: Apache-2.0
#include "control/api/json_text.h"

#include <algorithm>

#include "control/protocol/json.h"

namespace vipfwd::api {
namespace {

// Stands in JSON as it is.
bool is_plain(char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

}  // namespace

// What follows a value needs a comma. A bracket or a colon at the end is never part of a text,
// which ends with its quote.
void JsonText::separate() {
    if (!text_.empty() && text_.back() != '[' && text_.back() != '{' && text_.back() != ':')
        text_ += ',';
}

void JsonText::begin(char bracket) {
    separate();
    text_ += bracket;
}

void JsonText::key(std::string_view name) {
    value(name);
    text_ += ':';
}

void JsonText::value(std::string_view text) {
    separate();
    if (std::ranges::all_of(text, is_plain)) {
        text_ += '"';
        text_ += text;
        text_ += '"';
    } else {
        text_ += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
}

void JsonText::value(double number) {
    separate();
    text_ += Json(number).dump();
}

void JsonText::value(bool flag) {
    separate();
    text_ += flag ? "true" : "false";
}

void JsonText::value(std::nullptr_t) {
    separate();
    text_ += "null";
}

}  // namespace vipfwd::api
