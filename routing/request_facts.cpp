#include "request_facts.hpp"

#include "../http/request_id.hpp"

#include <utility>

namespace sake::routing {

void add_request_facts(std::vector<log_field>& to, const http::request& request,
                       std::string_view route, std::string own_id) {
  to.emplace_back("method", request.method_token());
  if (!route.empty())
    to.emplace_back("route", route);
  if (auto peer = request.peer().to_string(); !peer.empty())
    to.emplace_back("peer", std::move(peer));
  if (const auto id = http::request_id(request); !id.empty())
    to.emplace_back("request_id", id);
  else if (!own_id.empty())
    to.emplace_back("request_id", std::move(own_id));
}

} // namespace sake::routing
