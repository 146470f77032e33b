// The content of a request and of its response in pieces, as a context sees both.
#pragma once

#include "../http/request.hpp"
#include "../http/response.hpp"
#include "waiter.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sake::routing {

/// The content of a request and of its response in pieces. Made on demand.
///
/// This class serves requests without a connection: the whole content is one piece, and all written
/// octets become the content of the response, up to 16 MiB. Chain runners with a connection derive
/// from it. Belongs to the thread that runs the chain, as the context does.
class streams {
public:
  /// @param asked, answer  of the context, which must outlive the streams
  streams(const http::request& asked, http::response& answer) noexcept
      : asked_(&asked), answer_(&answer) {}
  streams(const streams&) = delete;
  streams& operator=(const streams&) = delete;
  virtual ~streams();

  // -- the content of the request -------------------------------------------------

  /// Whether the next piece of the content, or its end, is there for `take`.
  virtual bool fetch();
  /// Resumes `waiting` once it is; never if the content fails, because that ends the waiter.
  void await_content(waiter_ptr waiting);
  /// The next piece; none at the end.
  [[nodiscard]] std::optional<std::string> take() noexcept;
  /// Whether a coroutine waits for content.
  [[nodiscard]] bool has_reader() const noexcept { return reader_ && !reader_->is_forgotten(); }

  // -- the content of the response ------------------------------------------------

  /// The head is final.
  /// @param length  the octets to be written, if known
  void begin(std::optional<std::uint64_t> length);
  /// Takes a piece.
  ///
  /// @returns whether there is room for more; if not, call `await_room` first
  /// @throws std::length_error past the announced length, or past the size that can be collected
  /// @throws std::logic_error after `close`
  bool write(std::string_view octets);
  /// Takes no further piece: the handler that wrote has ended.
  void close() noexcept { is_closed_ = true; }
  /// Resumes `waiting` once there is room; ends it if the content is no longer wanted.
  virtual void await_room(waiter_ptr waiting);
  /// Ends the coroutine of `waiting` at its wait, with the content complete.
  virtual void end_waiter(waiter_ptr waiting);
  /// Octets announced and not written.
  [[nodiscard]] std::uint64_t missing() const noexcept { return left_.value_or(0); }

  /// The content is complete.
  virtual void end();
  /// The content will never be complete; `instead` is for a client that has seen no head.
  virtual void cut(const http::response& instead);

  /// Whether the response went out in pieces, so that the one in the context must not be sent.
  [[nodiscard]] virtual bool is_sent() const noexcept { return false; }

  /// Forgets the waiters.
  virtual void call_off() noexcept {}

protected:
  virtual void await_piece(waiter_ptr waiting);
  virtual void open(std::optional<std::uint64_t> length);
  virtual bool put(std::string_view octets);

  [[nodiscard]] const http::request& asked() const noexcept { return *asked_; }
  [[nodiscard]] const http::response& answer() const noexcept { return *answer_; }

  /// The next result of `take`.
  std::optional<std::string> piece_;

private:
  const http::request* asked_;
  http::response* answer_;
  waiter_ptr reader_;
  std::optional<std::uint64_t> left_;
  bool has_read_whole_ = false;
  bool is_closed_ = false;
};

} // namespace sake::routing
