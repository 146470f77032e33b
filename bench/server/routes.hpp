// The routes of the bench server.
#pragma once

#include <sake/sake.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace sake::bench {

/// The pool of GET /batch/:ms, which is to hold up nobody else's work.
inline constexpr std::string_view batch_pool = "batch";

/// Routes that burn CPU: on the pool, on the reactor, or wherever adaptive mode puts them.
void add_cpu_routes(engine& app);

/// Routes that actors answer, or coroutines that ask them.
void add_actor_routes(engine& app);

/// The number in the path parameter `name`, if it is one up to `most`.
inline std::optional<std::uint32_t> number(const context& ctx, std::string_view name,
                                           std::uint32_t most) {
  std::uint32_t n = 0;
  const auto text = ctx.param(name);
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size() || n > most)
    return std::nullopt;
  return n;
}

} // namespace sake::bench
