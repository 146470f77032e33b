// Tells ThreadSanitizer the order of events that CAF makes.
//
// Debian's CAF is not instrumented: TSan sees neither the atomics of a mailbox nor those of a
// reference count, and reports every message between threads as a race. Suppressing CAF's frames
// would hide races of Sake, because every handler runs above a frame of CAF. Instead this file,
// which only the preset `tsan` links, wraps the functions of CAF that order events, states the
// order, and calls them: sending a message happens before receiving it, one turn of an actor before
// the next, every use of an actor before its end.
#include <caf/actor_control_block.hpp>
#include <caf/blocking_actor.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/memory_managed.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduled_actor.hpp>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

// The function of CAF that a function of this file wraps, by its mangled name.
template <class Function>
Function* next(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    std::fprintf(stderr, "this CAF has no %s\n", name);
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

// The address that stands for a message in every annotation.
void* message_tag(const caf::mailbox_element& message) {
  return const_cast<caf::memory_managed*>(static_cast<const caf::memory_managed*>(&message));
}

} // namespace

namespace caf {

// ---- a message: sending happens before receiving ------------------------------------------------

void scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* host) {
  static const auto call = ::next<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_"
      "14execution_unitE");
  __tsan_release(message_tag(*element));
  call(this, std::move(element), host);
}

void blocking_actor::enqueue(mailbox_element_ptr element, execution_unit* host) {
  static const auto call = ::next<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_"
      "14execution_unitE");
  __tsan_release(message_tag(*element));
  call(this, std::move(element), host);
}

intrusive::task_result blocking_actor::mailbox_visitor::operator()(mailbox_element& element) {
  static const auto call = ::next<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE");
  __tsan_acquire(message_tag(element));
  return call(this, element);
}

// An actor that ends returns its unreceived messages with this.
void detail::sync_request_bouncer::operator()(const mailbox_element& element) const {
  static const auto call = ::next<void(const sync_request_bouncer*, const mailbox_element&)>(
      "_ZNK3caf6detail20sync_request_bouncerclERKNS_15mailbox_elementE");
  __tsan_acquire(message_tag(element));
  call(this, element);
}

// Ends a message, received or not, and every other object that CAF disposes of.
void memory_managed::request_deletion(bool) const noexcept {
  __tsan_acquire(const_cast<memory_managed*>(this));
  delete this;
}

// ---- an actor: one turn happens before the next, on any thread ----------------------------------

void scheduled_actor::launch(execution_unit* host, bool lazy, bool hide) {
  static const auto call = ::next<void(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  __tsan_release(this);
  call(this, host, lazy, hide);
}

bool scheduled_actor::activate(execution_unit* host) {
  static const auto call = ::next<bool(scheduled_actor*, execution_unit*)>(
      "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE");
  __tsan_acquire(this);
  const bool is_alive = call(this, host);
  __tsan_release(this);
  return is_alive;
}

scheduled_actor::activation_result scheduled_actor::reactivate(mailbox_element& element) {
  static const auto call = ::next<activation_result(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE");
  __tsan_acquire(message_tag(element));
  const auto result = call(this, element);
  __tsan_release(this);
  return result;
}

// ---- a reference: every use happens before the end ----------------------------------------------

// CAF's own counting, but with atomics that TSan sees: the order lies in the step that counts down,
// and annotations before or after a call of CAF do not state the same.

void intrusive_ptr_release(actor_control_block* actor) {
  if (actor->strong_refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    actor->data_dtor(actor->get());
    // All strong references together hold one weak reference.
    intrusive_ptr_release_weak(actor);
  }
}

// An address, such as a monitor holds, keeps the memory of an actor that has ended.
void intrusive_ptr_release_weak(actor_control_block* actor) {
  if (actor->weak_refs.fetch_sub(1, std::memory_order_acq_rel) == 1)
    actor->block_dtor(actor);
}

// Used by the content of messages and errors, among others.
void ref_counted::deref() const noexcept {
  if (unique())
    request_deletion(false);
  else if (rc_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    request_deletion(true);
}

} // namespace caf
