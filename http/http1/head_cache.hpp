// Recent heads and the requests parsed from them.
#pragma once

#include "../request.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sake::http {

/// Recent heads and the requests parsed from them. Most clients of a service repeat themselves
/// octet for octet: a health check, a poll, a call in a loop. Comparing such a head with a cached
/// one costs a quarter of reading it, and a head that was accepted once needs no second check.
///
/// Holds a few heads of bounded size, without content; one per reactor, shared by its decoders. Not
/// thread-safe.
class head_cache {
public:
  /// Returns a copy of the cached request if `input` starts with its head. After many misses in a
  /// row it looks for some heads only.
  std::optional<request> find(std::string_view input);

  /// Offers a request without content that was parsed from `octets`. Keeps only some of the offers,
  /// so that clients that never repeat themselves cost little. Keeps no head that the parser had to
  /// amend, because the same octets would not match it.
  void offer(const request& parsed, std::string_view octets);

private:
  static constexpr std::size_t places = 4;

  std::array<request, places> heads_{request{nullptr}, request{nullptr}, request{nullptr},
                                     request{nullptr}};
  std::size_t last_hit_ = 0;
  std::size_t next_place_ = 0;
  std::size_t misses_ = 0;
  std::size_t misses_in_a_row_ = 0;
};

} // namespace sake::http
