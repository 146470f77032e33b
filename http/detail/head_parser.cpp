#include <sake/http/detail/head_parser.hpp>

#include <sake/http/detail/octets.hpp>
#include <sake/http/detail/target.hpp>
#include <sake/http/fields.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

namespace sake::http::detail {

namespace {

namespace beast = boost::beast;
using beast::error_code;

std::string_view to_std(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

// Only the fields that say where the request ends, whom it is for, and what becomes of the
// connection; all others are the business of the application.
class head_parser final : public beast::http::basic_parser<true> {
public:
  head_parser(request_data& data, framing& content) noexcept : data_(data), content_(content) {
    // The scanner has enforced our bounds already.
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
  // -- what Beast calls -------------------------------------------------------

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
    using beast::http::field;
    data_.fields.push_back({span_of(name_text), span_of(value)});
    switch (name) {
      case field::host:
        return check(read_host(to_std(value)), ec);
      case field::connection:
        closes_ = closes_ || has_list_element(to_std(value), "close");
        persists_ = persists_ || has_list_element(to_std(value), "keep-alive");
        return;
      case field::content_length:
        return check(read_content_length(to_std(value)), ec);
      case field::transfer_encoding:
        return check(read_transfer_encoding(to_std(value)), ec);
      case field::expect:
        return check(read_expect(to_std(value)), ec);
      default:
        return;
    }
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

  // -- fields -----------------------------------------------------------------

  const refusal* read_host(std::string_view value) {
    if (has_host_)
      return &refusals::repeated_host;
    has_host_ = true;
    host_ = data_.fields.size() - 1;
    return value.empty() || is_authority(value) ? nullptr : &refusals::bad_host;
  }

  const refusal* read_content_length(std::string_view value) {
    if (has_length_)
      return &refusals::repeated_content_length;
    has_length_ = true;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, content_.content_length);
    return error == std::errc{} && stop == end ? nullptr : &refusals::bad_content_length;
  }

  const refusal* read_transfer_encoding(std::string_view value) {
    if (content_.is_chunked || !iequals(value, "chunked"))
      return &refusals::bad_transfer_encoding;
    content_.is_chunked = true;
    return data_.minor_version == 0 ? &refusals::transfer_encoding_in_1_0 : nullptr;
  }

  const refusal* read_expect(std::string_view value) {
    bool is_known = true;
    for_each_list_element(value, [&](std::string_view expectation) {
      is_known = is_known && iequals(expectation, "100-continue");
      data_.expects_continue = true;
    });
    return is_known ? nullptr : &refusals::unknown_expectation;
  }

  // -- the end of the head ----------------------------------------------------

  const refusal* finish() {
    const bool is_1_0 = data_.minor_version == 0;
    if (!has_host_ && !is_1_0)
      return &refusals::missing_host;
    data_.keep_alive = !closes_ && (!is_1_0 || persists_);
    // An expectation means nothing in HTTP/1.0, or without content (RFC 9110 §10.1.1).
    if (is_1_0 || (!content_.is_chunked && content_.content_length == 0))
      data_.expects_continue = false;
    data_.head.resize(data_.head.size() - 2);
    if (authority_.size != 0)
      use_authority_as_host();
    return nullptr;
  }

  // RFC 9112 §3.2.2: what Host says is ignored where the target has an authority.
  void use_authority_as_host() {
    if (!has_host_) {
      host_ = data_.fields.size();
      data_.fields.push_back({{static_cast<std::uint32_t>(data_.head.size()), 4}, {}});
      data_.head += "Host";
    }
    data_.fields[host_].value = authority_;
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
      case error::need_more: // the only part of a head whose end Beast does not look for
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
  std::size_t host_ = 0; // which field it is
  bool has_host_ = false;
  bool has_length_ = false;
  bool closes_ = false;
  bool persists_ = false;
};

// Judges the version before Beast does, which takes 1.0 and 1.1 only: a higher minor version is
// served as the highest that we know (RFC 9110 §2.5).
const refusal* settle_version(std::string& head, std::size_t request_line_size) {
  constexpr std::string_view form = " HTTP/1.1\r\n";
  if (request_line_size <= form.size())
    return nullptr;
  const std::size_t start = request_line_size - form.size();
  const char major = head[start + 6];
  char& minor = head[start + 8];
  if (head.compare(start, 6, form, 0, 6) != 0 || !is_digit(major) || head[start + 7] != '.'
      || !is_digit(minor))
    return nullptr; // which Beast refuses
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
