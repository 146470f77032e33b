#include <sake/routing/request_facts.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sake::routing {

namespace {

// What a client may call its request in our log.
bool is_request_id(std::string_view text) noexcept {
  constexpr std::size_t max_bytes = 128;
  return !text.empty() && text.size() <= max_bytes
         && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

void add_request_facts(std::vector<log_field>& to, const http::request& request,
                       std::string_view route, std::string own_id) {
  to.emplace_back("method", request.method_token());
  if (!route.empty())
    to.emplace_back("route", route);
  if (auto peer = request.peer().to_string(); !peer.empty())
    to.emplace_back("peer", std::move(peer));
  if (const auto id = request.header("X-Request-Id"); is_request_id(id))
    to.emplace_back("request_id", id);
  else if (!own_id.empty())
    to.emplace_back("request_id", std::move(own_id));
}

} // namespace sake::routing
