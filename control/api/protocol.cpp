// SPDX-License-Identifier: Apache-2.0
#include "control/api/protocol.h"

#include <utility>

namespace vipfwd::api {

Result<Request> parse_request(std::string_view line) {
    Json document = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object())
        return Error{"a request is a JSON object on one line"};
    const auto command = document.find("command");
    if (command == document.end() || !command->is_string())
        return Error{"a request has a \"command\", which is a text"};
    Request request{.command = command->get<std::string>()};
    if (const auto arguments = document.find("arguments"); arguments != document.end()) {
        if (!arguments->is_object())
            return Error{"\"arguments\" is a JSON object"};
        request.arguments = std::move(*arguments);
    }
    return request;
}

std::string to_line(const Response& response) {
    const auto text = [](const Json& json) {
        return json.dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    // A list of all backends is large: it is put between the braces rather than copied.
    if (response.ok)
        return R"({"ok":true,"result":)" + text(response.result) + "}\n";
    const Json rejection = {
        {"ok", false}, {"error", response.error}, {"details", response.details}};
    return text(rejection) + "\n";
}

}  // namespace vipfwd::api
