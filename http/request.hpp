// One request, as a value that can be sent between actors.
#pragma once

#include "detail/request_data.hpp"
#include "fields.hpp"

#include <any>
#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sake::http {

/// One request, complete with its content. A handle: copies share the same octets, which never
/// change once a handler has the request, so any number of actors may read it on any thread. Views
/// stay valid while any copy lives.
class request {
public:
  /// An empty request: `GET /`, no fields, no content.
  request() : data_(detail::handle<detail::request_data>::make()) {}

  /// No request at all: only to be assigned to.
  explicit request(std::nullptr_t) noexcept {}

  /// Whether this is a request, and not the result of a move.
  explicit operator bool() const noexcept { return static_cast<bool>(data_); }

  /// Builds a request as a client would send it, for tests and for actors that ask a router.
  ///
  /// @param target  origin-form: an absolute path, with `?query` where wanted
  /// @throws std::invalid_argument when a part could not have arrived over HTTP
  static request make(std::string_view method, std::string_view target,
                      std::initializer_list<field> fields = {}, std::string content = {});
  static request make(std::string_view method, std::string_view target,
                      const std::vector<field>& fields, std::string content);

  [[nodiscard]] http::method method() const noexcept { return data_->method; }
  [[nodiscard]] std::string_view method_token() const noexcept {
    return data_->method_token.in(data_->head);
  }

  /// The request target as it was sent (RFC 9112 §3.2).
  [[nodiscard]] std::string_view target() const noexcept { return data_->target.in(data_->head); }
  /// The path of the target, still percent-encoded.
  [[nodiscard]] std::string_view path() const noexcept { return data_->path.in(data_->head); }
  /// The query of the target without its '?', still percent-encoded.
  [[nodiscard]] std::string_view query() const noexcept { return data_->query.in(data_->head); }
  /// The first query parameter `name`, decoded; empty if there is none.
  [[nodiscard]] std::string query(std::string_view name) const;

  /// 0 for HTTP/1.0, else 1.
  [[nodiscard]] int minor_version() const noexcept { return data_->minor_version; }
  /// Whether the client wants the connection to persist (RFC 9112 §9.3).
  [[nodiscard]] bool keep_alive() const noexcept { return data_->keep_alive; }

  [[nodiscard]] std::size_t field_count() const noexcept { return data_->fields.size(); }
  [[nodiscard]] field field_at(std::size_t i) const noexcept;
  /// The value of the first field named `name`, without case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  [[nodiscard]] bool has_header(std::string_view name) const noexcept;

  [[nodiscard]] std::string_view content() const noexcept { return data_->content; }

  /// The path parameter or wildcard named `name`, percent-decoded; empty if the route has none.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept;

  /// The value that middleware has set under `key` (`context::set`), for an actor as handler; null
  /// if there is none of that type.
  template <class T>
  [[nodiscard]] const T* value(std::string_view key) const noexcept {
    for (const auto& [name, value] : data_->values)
      if (name == key)
        return std::any_cast<T>(&value);
    return nullptr;
  }

  /// Whether the response is no longer wanted, because the client has gone or the deadline has
  /// passed. For an actor that is the handler and has begun: it sees the change while it works if
  /// it runs on another thread than the connection, else between its messages, if it answers by a
  /// promise. Functions ask `context::is_cancelled`; requests that they send on are not marked.
  /// Safe from any thread.
  [[nodiscard]] bool is_cancelled() const noexcept {
    return data_->is_cancelled.load(std::memory_order_relaxed);
  }

  [[nodiscard]] const http::peer& peer() const noexcept { return data_->peer; }
  /// What the transport knows of the peer; null for a plain socket.
  [[nodiscard]] const transport_facts* transport() const noexcept { return data_->transport.get(); }

  /// Whether other handles share the octets of this one.
  [[nodiscard]] bool is_shared() const noexcept { return !data_.is_unique(); }

  /// For the codec, the connection and the router, which hold the only handle while they write.
  /// Copies the data first if other handles share it.
  [[gnu::always_inline]] detail::request_data& data() {
    if (!data_.is_unique())
      unshare();
    return *data_;
  }
  [[nodiscard]] const detail::request_data& data() const noexcept { return *data_; }

private:
  void unshare();

  detail::handle<detail::request_data> data_;
};

} // namespace sake::http

namespace sake {
using http::request;
} // namespace sake
