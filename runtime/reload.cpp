// What changes while an engine runs: the sizes of its pools, by a call or by its file.

#include <sake/actors/log.hpp>
#include <sake/runtime/config_source.hpp>
#include <sake/runtime/engine_state.hpp>

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
  actors::log(actors::log_level::info, name + " was resized; workers=" + std::to_string(workers)
                                           + " before=" + std::to_string(before));
  return {};
}

void engine::state::await_hangup() {
  hangups.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec || finished)
      return;
    read_again();
    await_hangup();
  });
}

// False where it cannot hold before a restart.
bool engine::state::change(const option& changed, const config& now) {
  // All that may change are numbers of workers.
  const auto workers =
      changed.pool.empty() ? now.workers() : static_cast<std::size_t>(changed.number(now));
  return changed.is_live && is_declared(changed.pool, now) && resize(changed.pool, workers).empty();
}

void engine::state::read_again() {
  const auto read = config_source::of(options)->read_again();
  for (const auto& each : read.errors)
    actors::log(actors::log_level::error, "the configuration stays as it is: " + each);
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
  actors::log(left.empty() ? actors::log_level::info : actors::log_level::warning,
              "the configuration was read again; applied=" + (applied.empty() ? "none" : applied)
                  + " needs_restart=" + (left.empty() ? "none" : left));
}

} // namespace sake
