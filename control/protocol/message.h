// SPDX-License-Identifier: Apache-2.0
// The messages between vipctl and control, over a Unix stream socket: one JSON object per line, and
// one response per request.
//
//   {"command": "show backends", "arguments": {"pool": "web"}}
//   {"ok": true, "result": ...}
//   {"ok": false, "error": "one line", "details": ["file:line:col: error: ...", ...]}
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/protocol/json.h"
#include "dataplane/abi/result.h"

namespace vipfwd::protocol {

struct Request {
    std::string command;
    Json arguments = Json::object();  // always an object
};

struct Response {
    bool ok = true;
    Json result = nullptr;                  // if ok
    std::string error = {};                 // if not ok: one line
    std::vector<std::string> details = {};  // if not ok: any further lines
    std::string line = {};                  // the response as a line, if it is made already

    static Response accept(Json result) { return {.result = std::move(result)}; }
    // For large results: `result` is JSON, without line breaks.
    static Response accept_text(std::string_view result);
    static Response reject(std::string error, std::vector<std::string> details = {}) {
        return {.ok = false, .error = std::move(error), .details = std::move(details)};
    }
};

// Both take any bytes, without the newline. The error says why `line` is not such a message.
// "arguments" and "details" may be missing.
Result<Request> parse_request(std::string_view line);
Result<Response> parse_response(std::string_view line);

// The result in a response that to_line() made and that is ok, as JSON text and without parsing it.
// nullopt: it may be one or not, see parse_response().
std::optional<std::string_view> find_result(std::string_view line);

// One line, with its newline. Invalid UTF-8 is replaced.
std::string to_line(const Request& request);
std::string to_line(Response response);

}  // namespace vipfwd::protocol
