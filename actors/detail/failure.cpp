#include <sake/actors/detail/failure.hpp>

#include <sake/actors/log.hpp>
#include <sake/actors/return_address.hpp>

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <utility>

namespace sake::actors::detail {

namespace {

// CAF has no way to ask for the handler, and its own prints.
struct handler_access : caf::scheduled_actor {
  static bool is_default(const caf::scheduled_actor& of) {
    using function = caf::error (*)(caf::scheduled_actor*, std::exception_ptr&);
    const auto* const set = (of.*&handler_access::exception_handler_).target<function>();
    return set != nullptr && *set == &caf::scheduled_actor::default_exception_handler;
  }
  static caf::scheduled_actor::exception_handler& handler(caf::scheduled_actor& of) {
    return of.*&handler_access::exception_handler_;
  }
};

} // namespace

void keep_exception(caf::scheduled_actor& spawned) {
  if (handler_access::is_default(spawned))
    spawned.set_exception_handler(
        [](caf::scheduled_actor*, std::exception_ptr& thrown) {
          return caf::make_error(caf::sec::runtime_error, exception_text(thrown));
        });
}

void note_failures(caf::scheduled_actor& spawned, failure_note& in) {
  auto& handler = handler_access::handler(spawned);
  handler = [own = std::move(handler), &in](caf::scheduled_actor* self, std::exception_ptr& thrown) {
    auto reason = own(self, thrown);
    // One that has quit already ends with the reason that it gave then.
    if (!is_failure(reason) || self->getf(caf::abstract_actor::is_shutting_down_flag))
      return reason;
    auto* const at = self->current_mailbox_element();
    if (const auto* const request = at != nullptr ? addressed(*at) : nullptr)
      in.failed_at = request->to_fail();
    return reason;
  };
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

std::string exception_text(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

caf::resumable::resume_result resume(caf::resumable& what, caf::execution_unit& here,
                                     std::size_t most_messages) noexcept {
  auto result = caf::resumable::done;
  if (contain("an actor", [&] { result = what.resume(&here, most_messages); }))
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
