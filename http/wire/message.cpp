#include "message.hpp"

#include "../detail/field_rules.hpp"
#include "../detail/target.hpp"
#include "octet_reader.hpp"
#include "octet_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>

namespace sake::http::wire {

namespace {

using detail::request_data;
using failure = std::optional<error>;

constexpr std::size_t ipv4_octets = 4;
constexpr std::size_t ipv6_octets = 16;

failure to_failure(const refusal& why) noexcept {
  return error{why.reason};
}

// Each text begins with its length.
constexpr std::size_t length_octets = 4;

// -- parts that requests and responses share ----------------------------------

failure read_version(octet_reader& from) noexcept {
  const auto found = from.u8();
  if (from.has_failed())
    return errors::ends_early;
  if (found != version)
    return errors::unknown_version;
  return {};
}

failure check_end(const octet_reader& from) noexcept {
  if (from.has_failed())
    return errors::ends_early;
  if (!from.is_at_end())
    return errors::left_over;
  return {};
}

// Calls `take` with each of the named texts, until it fails.
template <class Take>
failure read_named_texts(octet_reader& from, Take take) {
  for (auto left = from.u32(); left != 0; --left) {
    const auto name = from.text();
    const auto value = from.text();
    if (from.has_failed())
      break;
    if (const failure why = take(name, value))
      return why;
  }
  return from.has_failed() ? failure{errors::ends_early} : failure{};
}

failure check_field(std::string_view name, std::string_view value) noexcept {
  if (!is_token(name))
    return to_failure(refusals::bad_field_name);
  if (!is_field_value(value))
    return to_failure(refusals::bad_field_value);
  return {};
}

// -- the peer -----------------------------------------------------------------

std::size_t address_octets(peer::family kind) noexcept {
  switch (kind) {
    case peer::family::ipv4:
      return ipv4_octets;
    case peer::family::ipv6:
      return ipv6_octets;
    default:
      return 0;
  }
}

void write_peer(octet_writer& to, const peer& from) {
  to.u8(static_cast<std::uint8_t>(from.kind));
  const std::size_t size = address_octets(from.kind);
  if (size == 0)
    return;
  to.octets({reinterpret_cast<const char*>(from.address.data()), size});
  to.u16(from.port);
}

failure read_peer(octet_reader& from, peer& to) noexcept {
  const auto kind = from.u8();
  if (kind > static_cast<std::uint8_t>(peer::family::local))
    return errors::bad_peer;
  to.kind = static_cast<peer::family>(kind);
  const std::size_t size = address_octets(to.kind);
  if (size == 0)
    return {};
  const auto address = from.octets(size);
  std::copy(address.begin(), address.end(), to.address.begin());
  to.port = from.u16();
  return {};
}

// -- requests -----------------------------------------------------------------

class request_decoder {
public:
  request_decoder(octet_reader& from, request_data& data, content_part content) noexcept
      : from_(from), data_(data), content_(content), rules_(data, framing_) {}

  failure decode() {
    failure why = read_version(from_);
    if (!why)
      why = read_request_line();
    if (!why)
      why = read_peer(from_, data_.peer);
    if (!why)
      why = read_fields();
    if (!why)
      why = read_parameters();
    if (!why)
      why = read_content();
    return why;
  }

private:
  failure read_request_line() {
    const auto token = from_.text();
    const auto target = from_.text();
    const auto minor = from_.u8();
    if (from_.has_failed())
      return errors::ends_early;
    if (!is_token(token))
      return to_failure(refusals::bad_method);
    if (minor > 1)
      return errors::bad_minor_version;
    data_.begin_head(token, target, minor);
    if (const refusal* const why = read_target(data_, authority_))
      return to_failure(*why);
    return {};
  }

  failure read_fields() {
    const auto take = [this](std::string_view name, std::string_view value) -> failure {
      if (const failure why = check_field(name, value))
        return why;
      data_.add_field(name, value);
      if (const refusal* const why = rules_.take(boost::beast::http::string_to_field(name), value))
        return to_failure(*why);
      return {};
    };
    if (const failure why = read_named_texts(from_, take))
      return why;
    rules_.finish();
    // The decoder of HTTP/1.1 has put it in the place of Host.
    if (authority_.size != 0 && (!rules_.has_host() || host() != authority_.in(data_.head)))
      return errors::host_differs;
    return {};
  }

  failure read_parameters() {
    return read_named_texts(from_, [this](std::string_view name, std::string_view value) {
      data_.add_parameter(name, value);
      return failure{};
    });
  }

  failure read_content() {
    const auto content = from_.text();
    if (const failure why = check_end(from_))
      return why;
    if (rules_.has_length() && framing_.is_chunked)
      return to_failure(refusals::two_framings);
    if (content_ == content_part::follows)
      return content.empty() ? failure{} : failure{errors::content_follows};
    if (rules_.has_length() && framing_.content_length != content.size())
      return errors::content_length_differs;
    data_.content = content;
    return {};
  }

  [[nodiscard]] std::string_view host() const noexcept {
    return data_.fields[rules_.host()].value.in(data_.head);
  }

  octet_reader& from_;
  request_data& data_;
  const content_part content_;
  detail::framing framing_;
  detail::field_rules rules_;
  detail::span authority_;
};

// -- responses ----------------------------------------------------------------

failure read_response(octet_reader& from, response& to) {
  if (const failure why = read_version(from))
    return why;
  const auto status = from.u16();
  if (from.has_failed())
    return errors::ends_early;
  if (status < 200 || status > 599)
    return errors::bad_status;
  to.status(status);
  const auto take = [&to](std::string_view name, std::string_view value) -> failure {
    if (const failure why = check_field(name, value))
      return why;
    if (is_framing_field(name))
      return errors::framing_field;
    to.add_header(name, value);
    return {};
  };
  if (const failure why = read_named_texts(from, take))
    return why;
  to.content(from.text());
  return check_end(from);
}

bool is_too_long(std::string_view octets) noexcept {
  return octets.size() > std::numeric_limits<std::uint32_t>::max();
}

} // namespace

void encode(std::string& out, const request& message) {
  const request_data& data = message.data();
  out.reserve(out.size() + data.head.size() + data.parameter_text.size() + data.content.size()
              + 2 * length_octets * (data.fields.size() + data.parameters.size()) + 64);
  octet_writer to{out};
  to.u8(version);
  to.text(message.method_token());
  to.text(message.target());
  to.u8(data.minor_version);
  write_peer(to, data.peer);
  to.count(data.fields.size());
  for (const auto& where : data.fields) {
    to.text(where.name.in(data.head));
    to.text(where.value.in(data.head));
  }
  to.count(data.parameters.size());
  for (const auto& where : data.parameters) {
    to.text(where.name.in(data.parameter_text));
    to.text(where.value.in(data.parameter_text));
  }
  to.text(data.content);
}

void encode(std::string& out, const response& message) {
  if (message.content_length() != message.content().size())
    throw std::logic_error("a response with a part of a file has no wire form");
  const auto fields = message.fields();
  out.reserve(out.size() + message.data().fields.size() + message.content().size()
              + 2 * length_octets * fields.size() + 16);
  octet_writer to{out};
  to.u8(version);
  to.u16(static_cast<std::uint16_t>(message.status()));
  to.count(fields.size());
  for (const field& each : fields) {
    to.text(each.name);
    to.text(each.value);
  }
  to.text(message.content());
}

boost::system::result<request, error> decode_request(std::string_view octets,
                                                     content_part content) {
  if (is_too_long(octets))
    return errors::too_long;
  request message;
  octet_reader from{octets};
  if (const failure why = request_decoder{from, message.data(), content}.decode())
    return *why;
  return message;
}

boost::system::result<response, error> decode_response(std::string_view octets) {
  if (is_too_long(octets))
    return errors::too_long;
  response message;
  octet_reader from{octets};
  if (const failure why = read_response(from, message))
    return *why;
  return {boost::system::in_place_value, std::move(message)};
}

} // namespace sake::http::wire
