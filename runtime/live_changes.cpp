#include "live_changes.hpp"

#include "../actors/reactor/log.hpp"
#include "../actors/workers/worker_pool.hpp"
#include "config/config_source.hpp"
#include "logging.hpp"

#include <vector>

namespace sake {

live_changes::live_changes(const config_values& options,
                           const std::unique_ptr<actors::executors>& executors)
    : options_(options), executors_(executors) {
  if (has_file())
    applied_ = options.source->as_read;
}

// -- pools ----------------------------------------------------------------------------

std::string live_changes::resize(std::string_view name, std::size_t workers) const {
  auto* const found = executors_ != nullptr ? executors_->pool(name) : nullptr;
  const std::string pool =
      name.empty() ? "the worker pool" : "the pool \"" + std::string{name} + '"';
  if (found == nullptr)
    return "cannot resize " + pool + ": there is none";
  if (workers < 1 || workers > actors::max_threads)
    return "cannot resize " + pool + ": workers must be 1 to "
           + std::to_string(actors::max_threads);
  const auto before = found->width();
  if (!found->resize(workers))
    return "cannot resize " + pool + ": the engine has ended";
  std::vector<log_field> facts{{"workers", workers}, {"before", before}};
  if (!name.empty())
    facts.emplace_back("pool", name);
  actors::log_event(log_level::info, "a pool was resized", facts);
  return {};
}

// -- SIGHUP ---------------------------------------------------------------------------

bool live_changes::has_file() const {
  return options_.source != nullptr && options_.source->has_file();
}

bool live_changes::wants_hangup() const {
  return has_file() || options_.log.sink.find('/') != std::string::npos;
}

void live_changes::on_hangup() {
  if (const auto error = reopen_log(); !error.empty())
    actors::log_event(log_level::error, "the log goes on to the file that was open before",
                      {{"error", error}});
  if (has_file())
    read_again();
}

// Returns false if the option needs a restart.
bool live_changes::apply(const option& changed, const config_values& now) const {
  if (changed.name == "log.level") {
    set_log_level(now.log.level);
    return true;
  }
  // All other live options are numbers of workers.
  const auto workers = changed.pool.empty() ? now.sized_executors().pool.workers
                                            : static_cast<std::size_t>(changed.number(now));
  return changed.is_live && is_declared(changed.pool, now) && resize(changed.pool, workers).empty();
}

void live_changes::read_again() {
  const auto read = options_.source->read_again();
  for (const auto& each : read.errors)
    actors::log_event(log_level::error, "the configuration stays as it is", {{"error", each}});
  if (!read.errors.empty())
    return;
  std::string applied;
  std::string left;
  for (const auto& each : differences(applied_, read.now)) {
    const bool is_applied = apply(each, read.now);
    auto& list = is_applied ? applied : left;
    list += (list.empty() ? "" : ",") + each.name;
    if (is_applied)
      (void)each.read(each.show(read.now), applied_);
  }
  actors::log_event(left.empty() ? log_level::info : log_level::warning,
                    "the configuration was read again",
                    {{"applied", applied.empty() ? "none" : applied},
                     {"needs_restart", left.empty() ? "none" : left}});
}

} // namespace sake
