// Tells ThreadSanitizer which actor saw what before whom.
//
// Debian's CAF is not instrumented, so TSan sees neither the atomics of a mailbox nor those of a
// reference count, and reports every message that crosses a thread as a race. Suppressing CAF's
// frames would hide races of ours, because every handler runs above some frame of CAF. Instead this
// file, which only the preset `tsan` links, stands before CAF's functions where order is made,
// states the order, and calls on: what is sent happens before it is received, one turn of an actor
// before its next, every use of an actor before its end.
#include <caf/blocking_actor.hpp>
#include <caf/scheduled_actor.hpp>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

// The function of CAF that one of ours stands before. Its name is the mangled one.
template <class Function>
Function* next(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    std::fprintf(stderr, "this CAF has no %s\n", name);
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

} // namespace

namespace caf {

// ---- a message: what is sent happens before it is received --------------------------------------

void scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* host) {
  static const auto call = next<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_"
      "14execution_unitE");
  __tsan_release(element.get());
  call(this, std::move(element), host);
}

void blocking_actor::enqueue(mailbox_element_ptr element, execution_unit* host) {
  static const auto call = next<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_"
      "14execution_unitE");
  __tsan_release(element.get());
  call(this, std::move(element), host);
}

intrusive::task_result blocking_actor::mailbox_visitor::operator()(mailbox_element& element) {
  static const auto call = next<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE");
  __tsan_acquire(&element);
  return call(this, element);
}

// ---- an actor: one turn happens before the next, whichever thread takes it ----------------------

void scheduled_actor::launch(execution_unit* host, bool lazy, bool hide) {
  static const auto call = next<void(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  __tsan_release(this);
  call(this, host, lazy, hide);
}

bool scheduled_actor::activate(execution_unit* host) {
  static const auto call = next<bool(scheduled_actor*, execution_unit*)>(
      "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE");
  __tsan_acquire(this);
  const bool is_alive = call(this, host);
  __tsan_release(this);
  return is_alive;
}

scheduled_actor::activation_result scheduled_actor::reactivate(mailbox_element& element) {
  static const auto call = next<activation_result(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE");
  __tsan_acquire(&element);
  const auto result = call(this, element);
  __tsan_release(this);
  return result;
}

// ---- a reference: every use happens before the end ----------------------------------------------

void intrusive_ptr_release(actor_control_block* actor) {
  static const auto call =
      next<void(actor_control_block*)>("_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  __tsan_release(actor);
  __tsan_acquire(actor);
  call(actor);
}

// An address, such as a monitor keeps, holds the memory of an actor that has ended.
void intrusive_ptr_release_weak(actor_control_block* actor) {
  static const auto call = next<void(actor_control_block*)>(
      "_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE");
  __tsan_release(actor);
  __tsan_acquire(actor);
  call(actor);
}

} // namespace caf
