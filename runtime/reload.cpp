// What changes while an engine runs: the sizes of its pools, by a call or by its file.

#include <sake/actors/log.hpp>
#include <sake/runtime/config_source.hpp>
#include <sake/runtime/engine_state.hpp>
#include <sake/runtime/logging.hpp>

namespace sake {

std::string engine::state::resize(std::string_view pool_name, std::size_t workers) {
  auto* const found = pool(pool_name);
  const std::string name =
      pool_name.empty() ? "the worker pool" : "the pool \"" + std::string{pool_name} + '"';
  if (found == nullptr)
    return "cannot resize " + name + ": there is none";
  if (workers < 1 || workers > actors::most_threads)
    return "cannot resize " + name + ": workers must be 1 to "
           + std::to_string(actors::most_threads);
  const auto before = found->width();
  found->resize(workers);
  std::vector<log_field> facts{{"workers", workers}, {"before", before}};
  if (!pool_name.empty())
    facts.emplace_back("pool", pool_name);
  actors::log_event(log_level::info, "a pool was resized", facts);
  return {};
}

bool engine::state::reads_file_again() const {
  const auto source = config_source::of(options);
  return source && source->has_file();
}

// SIGHUP is heard where there is a file to read or to open again.
bool engine::state::wants_hangup() const {
  return reads_file_again() || options.log().sink.find('/') != std::string::npos;
}

void engine::state::await_hangup() {
  control->hangups.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec || finished)
      return;
    if (const auto error = reopen_log(); !error.empty())
      actors::log_event(log_level::error, "the log goes on to the file that was open before",
                        {{"error", error}});
    if (reads_file_again())
      read_again();
    await_hangup();
  });
}

// False where it cannot hold before a restart.
bool engine::state::change(const option& changed, const config& now) {
  if (changed.name == "log.level") {
    set_log_level(now.log().level);
    return true;
  }
  // All others that may change are numbers of workers.
  const auto workers =
      changed.pool.empty() ? now.workers() : static_cast<std::size_t>(changed.number(now));
  return changed.is_live && is_declared(changed.pool, now) && resize(changed.pool, workers).empty();
}

void engine::state::read_again() {
  const auto read = config_source::of(options)->read_again();
  for (const auto& each : read.errors)
    actors::log_event(log_level::error, "the configuration stays as it is", {{"error", each}});
  if (!read.errors.empty())
    return;
  std::string applied;
  std::string left;
  for (const auto& each : differences(read_options, read.now)) {
    const bool is_applied = change(each, read.now);
    auto& list = is_applied ? applied : left;
    list += (list.empty() ? "" : ",") + each.name;
    if (is_applied)
      (void)each.read(each.show(read.now), read_options);
  }
  actors::log_event(left.empty() ? log_level::info : log_level::warning,
              "the configuration was read again",
              {{"applied", applied.empty() ? "none" : applied},
               {"needs_restart", left.empty() ? "none" : left}});
}

} // namespace sake
