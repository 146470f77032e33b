#include "failure.hpp"

#include "../log.hpp"

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <cstddef>
#include <exception>
#include <utility>

namespace sake::actors::detail {

namespace {

// Messages that an actor handles in a row.
constexpr std::size_t messages_per_turn = 100;

} // namespace

bool is_failure(const caf::error& reason) {
  return reason && reason != caf::exit_reason::normal && reason != caf::exit_reason::user_shutdown;
}

std::string reason_text(const caf::actor_system& system, const caf::error& reason) {
  if (reason == caf::none)
    return "no reason";
  const caf::message& context = reason.context();
  if (reason.category() == caf::atom("system")
      && reason.code() == static_cast<std::uint8_t>(caf::sec::runtime_error)
      && context.match_elements<std::string>())
    return context.get_as<std::string>(0);
  return system.render(reason);
}

std::string exception_text(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

caf::resumable::resume_result resume(caf::resumable& what, caf::execution_unit& here) noexcept {
  auto result = caf::resumable::done;
  if (contain("an actor", [&] { result = what.resume(&here, messages_per_turn); }))
    return result;
  if (auto* const actor = dynamic_cast<caf::scheduled_actor*>(&what))
    contain("the end of an actor",
            [&] { actor->cleanup(caf::make_error(caf::sec::runtime_error), &here); });
  return caf::resumable::done;
}

void log_exception(std::string_view where) noexcept {
  try {
    log_event(log_level::error, "an exception was stopped",
              {{"where", where}, {"error", exception_text(std::current_exception())}});
  } catch (...) {
    // No memory for the text.
    log_event(log_level::error, "an exception was stopped, and there is no memory to tell which");
  }
}

} // namespace sake::actors::detail
