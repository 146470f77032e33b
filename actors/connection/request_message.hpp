// A request of a client, as a message.
#pragma once

#include "../../http/detail/pooled_memory.hpp"
#include "../../http/request.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/messages.hpp"
#include "client_port.hpp"

#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <tuple>
#include <typeinfo>
#include <utility>

namespace sake::actors {

class reactor;

/// A request of a client, as a message with the port that takes the response.
///
/// The sender keeps the port alive. It also takes the response as a message, from another thread
/// or from an actor that knows no port: to CAF this is any message with one `http::request`. Its
/// memory is pooled.
class request_message final
    : public caf::mailbox_element,
      public caf::detail::tuple_vals_impl<caf::type_erased_tuple, http::request>,
      public http::detail::pooled_memory<request_message> {
  using values = caf::detail::tuple_vals_impl<caf::type_erased_tuple, http::request>;

public:
  /// @param id    of the request, at `client`
  /// @param home  the reactor of `client`
  request_message(caf::strong_actor_ptr from, std::uint64_t id, http::request request,
                  client_port& client, const reactor& home)
      : caf::mailbox_element(std::move(from), caf::make_message_id(id), {}),
        values(std::move(request)),
        client_(client),
        home_(home) {}

  /// Carries another request of the same client.
  void reuse(std::uint64_t id, http::request request) {
    mid = caf::make_message_id(id);
    this->request() = std::move(request);
  }

  /// Returns `message` as what it is, or null if it is of another kind.
  [[nodiscard]] static request_message* in(caf::mailbox_element& message) noexcept {
    return typeid(message) == typeid(request_message) ? static_cast<request_message*>(&message)
                                                      : nullptr;
  }

  [[nodiscard]] http::request& request() noexcept { return std::get<0>(data()); }

  /// Returns the port if it lives on `here`, else null: it must not be called from elsewhere.
  [[nodiscard]] client_port* client_on(const reactor& here) const noexcept {
    return &home_ == &here ? &client_ : nullptr;
  }

  caf::type_erased_tuple& content() override { return *this; }
  const caf::type_erased_tuple& content() const override { return *this; }
  caf::message move_content_to_message() override {
    return caf::make_message(std::move(request()));
  }
  caf::message copy_content_to_message() const override {
    return caf::make_message(std::get<0>(data()));
  }

private:
  client_port& client_;
  const reactor& home_;
};

} // namespace sake::actors
