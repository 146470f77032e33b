// The content of a request and of its response in pieces, as a context sees both.
#pragma once

#include <sake/http/request.hpp>
#include <sake/http/response.hpp>
#include <sake/routing/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sake::routing {

/// The content of a request and of its response in pieces. Made for the request that asks for it.
///
/// This one serves where no connection is: the content that came whole is one piece, and all that
/// is written becomes the content of the response, up to 16 MiB. Who runs chains for connections
/// derives from it. Belongs to whoever runs the chain, as the context does.
class streams {
public:
  /// @param asked, answer  of the context, which outlives the streams
  streams(const http::request& asked, http::response& answer) noexcept
      : asked_(&asked), answer_(&answer) {}
  streams(const streams&) = delete;
  streams& operator=(const streams&) = delete;
  virtual ~streams();

  // -- the content of the request -------------------------------------------------

  /// Whether the next piece of the content, or its end, is there for `take`.
  virtual bool fetch();
  /// Has `waiting` resumed once it is; never where the content fails, as that ends who waits.
  void await_content(waiter_ptr waiting);
  /// The next piece; none at the end.
  [[nodiscard]] std::optional<std::string> take() noexcept;
  /// Whether somebody waits for content already.
  [[nodiscard]] bool has_reader() const noexcept { return reader_ && !reader_->is_forgotten(); }

  // -- the content of the response ------------------------------------------------

  /// The head is final. @param length  what is to be written, where it is known
  void begin(std::optional<std::uint64_t> length);
  /// Takes a piece.
  ///
  /// @returns whether there is room for more; `await_room` first otherwise
  /// @throws std::length_error when it is more than was announced, or than can be collected
  bool write(std::string_view octets);
  /// Has `waiting` resumed once there is room; where nobody takes content any more it is ended.
  virtual void await_room(waiter_ptr waiting);
  /// Has the coroutine of `waiting` ended where it waits, and the content complete.
  virtual void end_waiter(waiter_ptr waiting);
  /// Octets that were announced and not written.
  [[nodiscard]] std::uint64_t missing() const noexcept { return left_.value_or(0); }

  /// The content is complete.
  virtual void end();
  /// The content will never be complete; `instead` is for a client that knows of none yet.
  virtual void cut(const http::response& instead);

  /// Whether the response has gone its own way, and the one in the context is for nobody.
  [[nodiscard]] virtual bool is_sent() const noexcept { return false; }

  /// Forgets who waits.
  virtual void call_off() noexcept {}

protected:
  virtual void await_piece(waiter_ptr waiting);
  virtual void open(std::optional<std::uint64_t> length);
  virtual bool put(std::string_view octets);

  [[nodiscard]] const http::request& asked() const noexcept { return *asked_; }
  [[nodiscard]] const http::response& answer() const noexcept { return *answer_; }

  /// What `take` gives.
  std::optional<std::string> piece_;

private:
  const http::request* asked_;
  http::response* answer_;
  waiter_ptr reader_;
  std::optional<std::uint64_t> left_;
  bool has_read_whole_ = false;
};

} // namespace sake::routing
