// Any octets at all: the decoders of the wire form survive them, and take nothing that HTTP
// refuses. What they take, they write and read again as the same.
#include "check.hpp"

#include <sake/http/fields.hpp>
#include <sake/http/method.hpp>
#include <sake/http/wire/message.hpp>
#include <sake/routing/group.hpp>
#include <sake/routing/registry.hpp>
#include <sake/routing/remote_call.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace sake::http;
using sake::test::check;

namespace {

template <class Message>
std::string octets_of(const Message& message) {
  std::string octets;
  wire::encode(octets, message);
  return octets;
}

void check_field(const field& line) {
  check(is_token(line.name), "a field name is a token");
  check(is_field_value(line.value), "a field value holds no control octet");
}

void check_request(std::string_view octets) {
  const auto read = wire::decode_request(octets);
  if (!read) {
    check(!read.error().reason.empty(), "a refusal has a reason");
    return;
  }
  check(is_token(read->method_token()), "a method is a token");
  check(to_method(read->method_token()) == read->method(), "the method is what its token says");
  check(read->minor_version() == 0 || read->minor_version() == 1, "HTTP is 1.0 or 1.1");
  check(read->target().find_first_of(std::string_view{" \r\n\0", 4}) == std::string_view::npos,
        "a target has no octet that ends it");
  for (std::size_t i = 0; i < read->field_count(); ++i)
    check_field(read->field_at(i));
  check(octets_of(*read) == octets, "a request is written as it was read");
}

void check_response(std::string_view octets) {
  const auto read = wire::decode_response(octets);
  if (!read) {
    check(!read.error().reason.empty(), "a refusal has a reason");
    return;
  }
  check(read->status() >= 200 && read->status() <= 599, "a response has a final status");
  for (const field& line : read->fields()) {
    check_field(line);
    check(!is_framing_field(line.name), "a response has no framing of its own");
  }
  const auto own = octets_of(*read);
  const auto again = wire::decode_response(own);
  check(again.has_value(), "what is written can be read");
  check(octets_of(*again) == own, "a response is written as it was read");
  check(own == octets || read->header("Connection") || own.size() < octets.size(),
        "only Connection is written otherwise");
}

/// The routes that a remote call is for.
class routes_of_two : private sake::routing_registry, public sake::route_group {
public:
  routes_of_two() : route_group(static_cast<sake::routing_registry&>(*this)) {
    get("/a", [](sake::context&) {});
    any("/users/:id", [](sake::context&) {});
    map_ = seal();
  }
  [[nodiscard]] const sake::routing::route_map& map() const noexcept { return *map_; }

private:
  std::unique_ptr<const sake::routing::route_map> map_;
};

void check_call(std::string_view octets) {
  static const routes_of_two routes;
  const auto read = sake::routing::decode_remote_call(octets, routes.map());
  if (!read) {
    check(!read.error().reason.empty(), "a refusal has a reason");
    return;
  }
  check(read->endpoint < 2, "a call is for a route");
  check(!read->time_left || read->time_left->count() > 0, "a limit is above 0");
  std::string own;
  encode(own, *read, routes.map());
  check(own == octets, "a call is written as it was read");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192)
    return 0;
  // A copy of the exact size, so that a sanitizer sees a read past its end.
  const std::vector<char> copy(data, data + size);
  const std::string_view octets{copy.data(), copy.size()};
  check_request(octets);
  check_response(octets);
  check_call(octets);
  return 0;
}
