#include <sake/runtime/config.hpp>

#include <sake/http/fields.hpp>
#include <sake/runtime/address.hpp>

#include <algorithm>
#include <string_view>

#include <sched.h>

namespace sake {

namespace {

constexpr std::size_t most_threads = 1024;

// Cores that this process may run on: fewer than the machine's in a container or under taskset.
std::size_t usable_cores() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return 1;
  return static_cast<std::size_t>(CPU_COUNT(&allowed));
}

// What can stand in a log line, a file and the name of a thread.
bool is_pool_name(std::string_view name) {
  return !name.empty() && name.size() <= 32
         && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-_")
                == std::string_view::npos;
}

} // namespace

std::size_t config::reactors() const {
  return reactors_ != 0 ? reactors_ : usable_cores();
}

std::size_t config::workers() const {
  return workers_ != 0 ? workers_ : usable_cores();
}

config& config::with_pool(std::string name, const pool_settings& settings) {
  const auto known = std::find_if(pools_.begin(), pools_.end(),
                                  [&name](const named_pool& each) { return each.name == name; });
  if (known != pools_.end())
    known->settings = settings;
  else
    pools_.push_back({std::move(name), settings});
  return *this;
}

std::vector<std::string> config::check() const {
  std::vector<std::string> errors;
  const auto need = [&errors](bool holds, std::string error) {
    if (!holds)
      errors.push_back(std::move(error));
  };
  const auto bounded = [&need](std::chrono::milliseconds bound, const char* name) {
    need(bound.count() >= 0, std::string{name} + " must not be negative (0 switches it off)");
  };
  if (const auto where = address::parse(address_); !where)
    errors.push_back(where.error());
  need(reactors_ <= most_threads, "reactors must be at most 1024");
  need(workers_ <= most_threads, "workers must be at most 1024");
  for (const auto& [name, settings] : pools_) {
    need(is_pool_name(name),
         "the name of a pool must be 1 to 32 letters, digits, '-' or '_': \"" + name + '"');
    need(settings.workers >= 1 && settings.workers <= most_threads,
         "workers of the pool \"" + name + "\" must be 1 to 1024");
  }
  need(scheduler_threads_ >= 1 && scheduler_threads_ <= most_threads,
       "scheduler threads must be 1 to 1024");
  need(adaptive_.threshold.count() >= 1, "the blocking threshold must be at least 1 ms");
  need(adaptive_.window >= adaptive_.threshold,
       "the adaptive window must not be shorter than the blocking threshold");
  need(max_connections_ >= 1, "max_connections must be at least 1");
  need(limits_.request_line_bytes >= 64, "limits.request_line_bytes must be at least 64");
  need(limits_.field_section_bytes >= 64, "limits.field_section_bytes must be at least 64");
  need(limits_.field_count >= 1, "limits.field_count must be at least 1");
  need(limits_.chunk_line_bytes >= 18, "limits.chunk_line_bytes must be at least 18");
  need(limits_.buffered_content_bytes >= 1, "limits.buffered_content_bytes must be at least 1");
  need(limits_.pipelined_requests >= 1, "limits.pipelined_requests must be at least 1");
  bounded(deadlines_.head, "deadlines.head");
  bounded(deadlines_.content, "deadlines.content");
  bounded(deadlines_.idle, "deadlines.idle");
  bounded(deadlines_.write, "deadlines.write");
  bounded(deadlines_.request, "deadlines.request");
  need(drain_deadline_.count() >= 0, "drain_deadline must not be negative (0 waits for nobody)");
  need(http::is_field_value(server_name_), "server_name must not hold control characters");
  return errors;
}

} // namespace sake
