#include "banner.hpp"

#include "config/option_text.hpp"
#include "config/wrap.hpp"

#include <cstddef>
#include <initializer_list>

namespace sake {

namespace {

constexpr std::size_t indent = 2;

std::string text_of(auto value) {
  return option_text::show<option_type::word>(value);
}

// Returns "(background,pinned)"; empty if all parts are empty.
std::string in_brackets(std::initializer_list<std::string> parts) {
  std::string text;
  for (const auto& each : parts)
    if (!each.empty())
      text += (text.empty() ? "" : ",") + each;
  return text.empty() ? text : '(' + text + ')';
}

std::string cores_of(const std::vector<std::size_t>& cores) {
  return cores.empty() ? "" : "cores=" + option_text::show_cores(cores);
}

std::string workers_of(const pool_settings& pool) {
  return std::to_string(pool.workers)
         + in_brackets({text_of(pool.scheduling),
                        pool.nice == 0 ? "" : "nice=" + std::to_string(pool.nice),
                        pool.pinned ? "pinned" : "", cores_of(pool.cores)});
}

std::string reactors_of(const config& options) {
  return std::to_string(options.reactors())
         + in_brackets(
             {options.reactor_pinning() ? "pinned" : "", cores_of(options.reactor_cores())});
}

std::string pools_of(const config& options, bool wants_workers) {
  const auto executors = options.values().sized_executors();
  if (!executors.has_pools)
    return " workers=none";
  auto text = " workers=" + (wants_workers ? workers_of(executors.pool) : "none");
  for (const auto& [name, pool] : executors.named_pools)
    text += " pools." + name + '=' + workers_of(pool);
  return text;
}

std::string scheduler_of(const config& options) {
  return text_of(options.scheduler_policy())
         + in_brackets({"threads=" + std::to_string(options.scheduler_threads()),
                        "throughput=" + std::to_string(options.scheduler_throughput())});
}

} // namespace

std::string banner(const address& where, const config& options, bool wants_workers) {
  const auto settings = "reactors=" + reactors_of(options) + pools_of(options, wants_workers)
                        + " scheduler=" + scheduler_of(options) + " adaptive="
                        + (options.adaptive().enabled ? "on" : "off") + " max_connections="
                        + std::to_string(options.max_connections()) + " config=" + options.origin();
  const bool is_url = !where.is_unix() && !where.is_inherited;
  return "sake listens on " + std::string{is_url ? "http://" : ""} + where.to_string() + "\n  "
         + wrap(settings, indent, indent);
}

} // namespace sake
