#include "request_data.hpp"

#include "octets.hpp"
#include "spare_octets.hpp"

#include <cstddef>

namespace sake::http::detail {

namespace {
constexpr std::size_t pooled_fields = 64;

span append(std::string& text, std::string_view part) {
  const span where{static_cast<std::uint32_t>(text.size()),
                   static_cast<std::uint32_t>(part.size())};
  text += part;
  return where;
}

} // namespace

request_data::request_data() noexcept = default;
request_data::~request_data() = default;

void request_data::begin_head(std::string_view token, std::string_view target_text,
                              std::uint8_t minor) {
  method = to_method(token);
  minor_version = minor;
  method_token = append(head, token);
  head += ' ';
  target = append(head, target_text);
  head += minor == 0 ? " HTTP/1.0" : " HTTP/1.1";
  head += crlf;
}

void request_data::add_field(std::string_view name, std::string_view value) {
  named_span where;
  where.name = append(head, name);
  head += ": ";
  where.value = append(head, value);
  head += crlf;
  fields.push_back(where);
}

void request_data::add_parameter(std::string_view name, std::string_view value) {
  const span where = append(parameter_text, name);
  parameters.push_back({where, append(parameter_text, value)});
}

void request_data::copy_head(const request_data& other) {
  head = other.head;
  method_token = other.method_token;
  target = other.target;
  path = other.path;
  query = other.query;
  fields = other.fields;
  method = other.method;
  minor_version = other.minor_version;
  keep_alive = other.keep_alive;
  expects_continue = other.expects_continue;
  may_switch = other.may_switch;
}

bool request_data::recycle() noexcept {
  if (content.capacity() > spare_octets::least)
    spare_octets::give(std::move(content));
  if (head.capacity() > pooled_octets || content.capacity() > pooled_octets
      || parameter_text.capacity() > pooled_octets || fields.capacity() > pooled_fields)
    return false;
  head.clear();
  fields.clear();
  content.clear();
  stream.reset();
  parameter_text.clear();
  parameters.clear();
  if (!values.empty())
    values.clear();
  is_cancelled.store(false, std::memory_order_relaxed);
  failure_is_told.store(false, std::memory_order_relaxed);
  peer = {};
  if (transport != nullptr) [[unlikely]]
    transport.reset();
  method_token = target = path = query = {};
  method = http::method::get;
  minor_version = 1;
  keep_alive = true;
  expects_continue = false;
  may_switch = false;
  return true;
}

} // namespace sake::http::detail
