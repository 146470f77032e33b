#include "head_parser.hpp"

#include "../../detail/field_rules.hpp"
#include "../../detail/octets.hpp"
#include "../../detail/target.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <limits>
#include <string_view>

namespace sake::http::detail {

namespace {

namespace beast = boost::beast;
using beast::error_code;

std::string_view to_std(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

class head_parser final : public beast::http::basic_parser<true> {
public:
  head_parser(request_data& data, framing& content) noexcept
      : data_(data), content_(content), fields_(data, content) {
    // The scanner has enforced our limits already.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

  const refusal* parse_lines() {
    error_code ec;
    put(boost::asio::const_buffer{data_.head.data(), data_.head.size()}, ec);
    if (why_ == nullptr && ec)
      why_ = to_refusal(ec);
    return why_;
  }

  const refusal* parse() {
    const refusal* const why = parse_lines();
    return why != nullptr ? why : finish();
  }

private:
  // -- calls from Beast -------------------------------------------------------

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, error_code& ec) override {
    data_.method_token = span_of(method);
    data_.method = to_method(to_std(method));
    data_.target = span_of(target);
    data_.minor_version = static_cast<std::uint8_t>(version - 10);
    check(read_target(data_, authority_), ec);
  }

  void on_field_impl(beast::http::field name, beast::string_view name_text,
                     beast::string_view value, error_code& ec) override {
    data_.fields.push_back({span_of(name_text), span_of(value)});
    check(fields_.take(name, to_std(value)), ec);
  }

  void on_header_impl(error_code&) override {}
  void on_finish_impl(error_code&) override {}

  // Not for requests, or never reached with a head alone.
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override {
    return 0;
  }

  // -- the end of the head ----------------------------------------------------

  const refusal* finish() {
    if (!fields_.has_host() && data_.minor_version != 0)
      return &refusals::missing_host;
    fields_.finish();
    data_.head.resize(data_.head.size() - 2);
    if (authority_.size != 0)
      use_authority_as_host();
    return nullptr;
  }

  // RFC 9112 §3.2.2: Host is ignored if the target has an authority.
  void use_authority_as_host() {
    std::size_t host = fields_.host();
    if (!fields_.has_host()) {
      host = data_.fields.size();
      data_.fields.push_back({{static_cast<std::uint32_t>(data_.head.size()), 4}, {}});
      data_.head += "Host";
    }
    data_.fields[host].value = authority_;
  }

  // ---------------------------------------------------------------------------

  span span_of(beast::string_view part) const noexcept {
    return {static_cast<std::uint32_t>(part.data() - data_.head.data()),
            static_cast<std::uint32_t>(part.size())};
  }

  void check(const refusal* why, error_code& ec) {
    why_ = why;
    if (why != nullptr)
      ec = beast::http::error::bad_value; // any error makes Beast stop
  }

  const refusal* to_refusal(const error_code& ec) const noexcept {
    using beast::http::error;
    switch (static_cast<error>(ec.value())) {
      case error::bad_method:
        return &refusals::bad_method;
      case error::bad_target:
        return &refusals::bad_target;
      case error::bad_version:
      case error::need_more: // Beast finds the end of every other part of a head
        return &refusals::bad_version;
      case error::bad_line_ending:
        return &refusals::bare_carriage_return;
      case error::bad_field:
        return &refusals::bad_field_name;
      case error::bad_content_length:
        return content_.is_chunked ? &refusals::two_framings : &refusals::bad_content_length;
      case error::multiple_content_length:
        return &refusals::repeated_content_length;
      case error::bad_transfer_encoding:
        return content_.is_chunked ? &refusals::bad_transfer_encoding : &refusals::two_framings;
      default:
        return &refusals::bad_field_value;
    }
  }

  request_data& data_;
  framing& content_;
  const refusal* why_ = nullptr;
  span authority_;
  field_rules fields_;
};

// Judges the version before Beast does, which takes 1.0 and 1.1 only: a higher minor version is
// served as 1.1 (RFC 9110 §2.5).
const refusal* settle_version(std::string& head, std::size_t request_line_size) {
  constexpr std::string_view form = " HTTP/1.1\r\n";
  if (request_line_size <= form.size())
    return nullptr;
  const std::size_t start = request_line_size - form.size();
  const char major = head[start + 6];
  char& minor = head[start + 8];
  if (head.compare(start, 6, form, 0, 6) != 0 || !is_digit(major) || head[start + 7] != '.'
      || !is_digit(minor))
    return nullptr; // Beast refuses it
  if (major != '1')
    return &refusals::unsupported_version;
  if (minor > '1')
    minor = '1';
  return nullptr;
}

} // namespace

const refusal* parse_head(request_data& data, std::size_t request_line_size, framing& content) {
  if (const refusal* why = settle_version(data.head, request_line_size))
    return why;
  return head_parser{data, content}.parse();
}

const refusal* judge_lines(std::string_view lines) {
  request_data data;
  data.head = lines;
  if (!lines.ends_with("\r\n\r\n"))
    data.head += "\r\n";
  if (const refusal* why = settle_version(data.head, lines.find('\n') + 1))
    return why;
  framing content;
  return head_parser{data, content}.parse_lines();
}

} // namespace sake::http::detail
