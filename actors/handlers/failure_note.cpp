#include "failure_note.hpp"

#include "../reactor/detail/failure.hpp"
#include "../request/reply_channel.hpp"

#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <utility>

namespace sake::actors {

namespace {

// CAF has no access to the exception handler, and its default prints to standard error.
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
    spawned.set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) {
      return caf::make_error(caf::sec::runtime_error, detail::exception_text(thrown));
    });
}

void note_failures(caf::scheduled_actor& spawned, failure_note& in) {
  auto& handler = handler_access::handler(spawned);
  handler = [own = std::move(handler), &in](caf::scheduled_actor* self,
                                            std::exception_ptr& thrown) {
    auto reason = own(self, thrown);
    // An actor that has quit already keeps that reason.
    if (!detail::is_failure(reason) || self->getf(caf::abstract_actor::is_shutting_down_flag))
      return reason;
    auto* const at = self->current_mailbox_element();
    if (const auto* const request = at != nullptr ? tracked(*at) : nullptr)
      in.failed_at = request->to_fail();
    return reason;
  };
}

} // namespace sake::actors
