// SPDX-License-Identifier: Apache-2.0
// What clients and control say to each other: one JSON object a line, an answer to every request.
//
//   {"command": "show backends", "arguments": {"pool": "web"}}
//   {"ok": true, "result": ...}
//   {"ok": false, "error": "one line", "details": ["file:line:col: error: ...", ...]}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/api/json.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

struct Request {
    std::string command;
    Json arguments = Json::object();  // always an object
};

struct Response {
    bool ok = true;
    Json result = nullptr;                  // if ok
    std::string error = {};                 // if not: one line
    std::vector<std::string> details = {};  // if not: any further lines

    static Response accept(Json result) { return {.result = std::move(result)}; }
    static Response reject(std::string error, std::vector<std::string> details = {}) {
        return {.ok = false, .error = std::move(error), .details = std::move(details)};
    }
};

// Takes any bytes; an error says what is wrong with them. "arguments" may be left out.
Result<Request> parse_request(std::string_view line);

// One line with its newline. What is not UTF-8 is replaced.
std::string to_line(const Response& response);

}  // namespace vipfwd::api
