// Heads that came lately, and what they meant.
#pragma once

#include <sake/http/request.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sake::http {

/// Heads that came lately, and what they meant. Most clients of a service repeat themselves to the
/// octet: a health check, a poll, a call in a loop. Comparing such a head with the one before costs
/// a tenth of parsing it, and a head that was accepted once needs no second look.
///
/// Holds few heads without content, and bounded ones; one per reactor, shared by its decoders. Not
/// thread-safe.
class head_memo {
public:
  /// The request whose head `input` starts with, when it came lately: a copy of its own.
  std::optional<request> find(std::string_view input);

  /// Takes note of a request without content that was parsed anew from `octets`. Not of every one,
  /// so that clients who never repeat themselves do not pay for it; and of none whose head the
  /// parser had to amend, because that is not what will come again.
  void offer(const request& parsed, std::string_view octets);

private:
  static constexpr std::size_t places = 4;

  std::array<request, places> heads_{request{nullptr}, request{nullptr}, request{nullptr},
                                     request{nullptr}};
  std::size_t last_hit_ = 0;
  std::size_t next_place_ = 0;
  std::size_t misses_ = 0;
};

} // namespace sake::http
