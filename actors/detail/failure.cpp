#include <sake/actors/detail/failure.hpp>

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <exception>

namespace sake::actors::detail {

namespace {

// CAF has no way to ask for the handler, and its own prints.
struct handler_access : caf::scheduled_actor {
  static bool is_default(const caf::scheduled_actor& of) {
    using function = caf::error (*)(caf::scheduled_actor*, std::exception_ptr&);
    const auto* const set = (of.*&handler_access::exception_handler_).target<function>();
    return set != nullptr && *set == &caf::scheduled_actor::default_exception_handler;
  }
};

caf::error to_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return caf::make_error(caf::sec::runtime_error, std::string{e.what()});
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error, std::string{"an exception of unknown type"});
  }
}

} // namespace

void keep_exception(caf::scheduled_actor& spawned) {
  if (handler_access::is_default(spawned))
    spawned.set_exception_handler(
        [](caf::scheduled_actor*, std::exception_ptr& thrown) { return to_error(thrown); });
}

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

} // namespace sake::actors::detail
