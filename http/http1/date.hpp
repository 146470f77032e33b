// The Date field, rendered once a second.
#pragma once

#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>

namespace sake::http {

/// Renders the Date field line (RFC 9110 §6.6.1) as IMF-fixdate (RFC 9110 §5.6.7), independent of
/// locale and time zone. One per reactor; not thread-safe.
class date_clock {
public:
  /// Octets in the line, its ending included.
  static constexpr std::size_t line_size = 37;

  date_clock() noexcept { render(0); }

  /// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n". Renders only when `now` differs from the previous
  /// call. The view is valid until the next call.
  ///
  /// @param now  a second of the years 1970 to 9999; other values give the nearest of those
  std::string_view line(std::time_t now) noexcept {
    if (now != second_)
      render(now);
    return {text_.data(), text_.size()};
  }

private:
  void render(std::time_t now) noexcept;

  std::time_t second_ = 0;
  std::array<char, line_size> text_{};
};

} // namespace sake::http
