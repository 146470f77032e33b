// Mailbox elements with pooled memory.
#pragma once

#include "../../../http/detail/pooled_memory.hpp"

#include <caf/mailbox_element.hpp>

#include <tuple>
#include <typeinfo>
#include <utility>

namespace sake::actors::detail {

/// A mailbox element with one value. Works like CAF's own, but its memory is pooled.
template <class T>
class element final : public caf::mailbox_element,
                      public caf::detail::tuple_vals_impl<caf::type_erased_tuple, T>,
                      public http::detail::pooled_memory<element<T>> {
  using values = caf::detail::tuple_vals_impl<caf::type_erased_tuple, T>;

public:
  static caf::mailbox_element_ptr make(caf::strong_actor_ptr from, caf::message_id id, T value) {
    return caf::mailbox_element_ptr{new element(std::move(from), id, std::move(value))};
  }

  caf::type_erased_tuple& content() override { return *this; }
  const caf::type_erased_tuple& content() const override { return *this; }
  caf::message move_content_to_message() override {
    return caf::make_message(std::move(std::get<0>(this->data())));
  }
  caf::message copy_content_to_message() const override {
    return caf::make_message(std::get<0>(this->data()));
  }

private:
  element(caf::strong_actor_ptr from, caf::message_id id, T value)
      : caf::mailbox_element(std::move(from), id, {}), values(std::move(value)) {}
};

/// Returns the one value of `message` if it is a `T`, else null. Costs a comparison for messages
/// that our actors send, and CAF's matching for others.
template <class T>
T* value_of(caf::mailbox_element& message) {
  if (typeid(message) == typeid(element<T>))
    return &std::get<0>(static_cast<element<T>&>(message).data());
  auto& content = message.content();
  return content.match_elements<T>() ? &content.get_mutable_as<T>(0) : nullptr;
}

} // namespace sake::actors::detail
