// The rules for the fields that every request is judged by.
#pragma once

#include "../fields.hpp"
#include "../refusal.hpp"
#include "framing.hpp"
#include "request_data.hpp"
#include "target.hpp"

#include <boost/beast/http/field.hpp>

#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace sake::http::detail {

/// The rules for the fields that decide where a request ends, which host it is for, and whether the
/// connection persists. All other fields are left to the application.
class field_rules {
public:
  /// @param data  the request, with its minor version; gets persistence, expectation and
  /// `may_switch`
  /// @param content  gets the framing
  field_rules(request_data& data, framing& content) noexcept : data_(data), content_(content) {}

  /// Continues with the field line that was added to `data` last.
  /// @returns why the request is refused, or null
  const refusal* take(boost::beast::http::field name, std::string_view value) {
    using boost::beast::http::field;
    switch (name) {
      case field::host:
        return take_host(value);
      case field::connection:
        for_each_list_element(value,
                              [this](std::string_view option) { take_connection_option(option); });
        return nullptr;
      case field::content_length:
        return take_content_length(value);
      case field::transfer_encoding:
        return take_transfer_encoding(value);
      case field::expect:
        return take_expect(value);
      default:
        return nullptr;
    }
  }

  /// Continues with one element of Connection.
  void take_connection_option(std::string_view option) noexcept {
    closes_ = closes_ || iequals(option, "close");
    persists_ = persists_ || iequals(option, "keep-alive");
    upgrades_ = upgrades_ || iequals(option, "upgrade");
  }

  /// Continues with the element `keep-alive` of Connection.
  void take_keep_alive() noexcept { persists_ = true; }

  /// Sets persistence, expectation and `may_switch`, which depend on all fields.
  void finish() noexcept {
    const bool is_1_0 = data_.minor_version == 0;
    data_.keep_alive = !closes_ && (!is_1_0 || persists_);
    data_.may_switch = (upgrades_ && !is_1_0) || data_.method == method::connect;
    // An expectation means nothing in HTTP/1.0, or without content (RFC 9110 §10.1.1).
    if (is_1_0 || (!content_.is_chunked && content_.content_length == 0))
      data_.expects_continue = false;
  }

  [[nodiscard]] bool has_host() const noexcept { return has_host_; }
  /// The index of Host among the fields, where there is one.
  [[nodiscard]] std::size_t host() const noexcept { return host_; }
  /// Whether there is a Content-Length.
  [[nodiscard]] bool has_length() const noexcept { return has_length_; }

private:
  const refusal* take_host(std::string_view value) noexcept {
    if (has_host_)
      return &refusals::repeated_host;
    has_host_ = true;
    host_ = data_.fields.size() - 1;
    return value.empty() || is_authority(value) ? nullptr : &refusals::bad_host;
  }

  const refusal* take_content_length(std::string_view value) noexcept {
    if (has_length_)
      return &refusals::repeated_content_length;
    has_length_ = true;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, content_.content_length);
    return error == std::errc{} && stop == end ? nullptr : &refusals::bad_content_length;
  }

  const refusal* take_transfer_encoding(std::string_view value) noexcept {
    if (content_.is_chunked || !iequals(value, "chunked"))
      return &refusals::bad_transfer_encoding;
    content_.is_chunked = true;
    return data_.minor_version == 0 ? &refusals::transfer_encoding_in_1_0 : nullptr;
  }

  const refusal* take_expect(std::string_view value) {
    bool is_known = true;
    for_each_list_element(value, [&](std::string_view expectation) {
      is_known = is_known && iequals(expectation, "100-continue");
      data_.expects_continue = true;
    });
    return is_known ? nullptr : &refusals::unknown_expectation;
  }

  request_data& data_;
  framing& content_;
  std::size_t host_ = 0;
  bool has_host_ = false;
  bool has_length_ = false;
  bool closes_ = false;
  bool persists_ = false;
  bool upgrades_ = false;
};

} // namespace sake::http::detail
