// The routes of the bench server.
#pragma once

#include <sake/sake.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace sake::bench {

/// The pool of GET /batch/:ms: its work must not delay other routes.
inline constexpr std::string_view batch_pool = "batch";

/// Routes that burn CPU: on the pool, on the reactor, or where adaptive mode places them.
void add_cpu_routes(engine& app);

/// Routes with actors as handlers, or with coroutines that ask actors.
void add_actor_routes(engine& app);

/// Routes that other nodes may run, and GET /nodes.
/// @param name      the name of this node
/// @param once_log  the file to which POST /once/:id appends its id; empty: none
void add_node_routes(engine& app, const std::string& name, const std::string& once_log);

/// The path parameter `name`, if it is a number of at most `most`.
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
