#include "test_app.hpp"

#include "../../http/quote.hpp"

#include <chrono>
#include <stdexcept>

namespace sake::testing {

namespace {

// How long an app may take to start a response, and then to end or continue it.
constexpr auto longest_wait = std::chrono::hours{24};
constexpr auto longest_stream = std::chrono::hours{1};
constexpr std::size_t largest_stream = 64 * 1024 * 1024;

test_runtime_settings settings_of(const config& options, std::size_t reactors) {
  if (const auto errors = options.check(); !errors.empty())
    throw std::invalid_argument(http::as_lines(errors));
  return {.connections = options.values().connection_settings(),
          .reactors = reactors,
          .max_connections = options.max_connections(),
          .executors = options.values().sized_executors()};
}

} // namespace

// -- pending_response -----------------------------------------------------------------

pending_response::pending_response(test_runtime& on, const request& what)
    : runtime_(&on),
      peer_(on.connect(what.peer())),
      title_(what.title()),
      to_head_(what.method() == "HEAD") {
  peer_.send(what.octets());
}

bool pending_response::is_ready() {
  if (response_)
    return true;
  reader_.append(peer_.take());
  if (peer_.is_closed())
    reader_.finish();
  response_ = reader_.next(to_head_);
  return response_.has_value();
}

const response& pending_response::so_far() const noexcept {
  return response_ ? *response_ : reader_.part();
}

// A response with an announced length ends by itself.
bool pending_response::is_too_large() const noexcept {
  return so_far().content().size() > largest_stream && !so_far().has_header("Content-Length");
}

response pending_response::take() {
  const auto is_over = [this] { return is_ready() || peer_.is_closed(); };
  runtime_->run_until([&] { return is_over() || has_begun(); }, longest_wait);
  if (!has_begun() && !is_over())
    give_up("a day has passed");
  runtime_->run_until([&] { return is_over() || is_too_large(); }, longest_stream);
  if (!is_ready())
    give_up("an hour has passed, or 64 MiB have come; read it in pieces with next_piece()");
  // Later calls must not see the connection.
  peer_.finish();
  runtime_->run();
  return std::move(*response_);
}

void pending_response::give_up(std::string_view why_late) {
  std::string why{why_late};
  if (peer_.is_closed())
    why = "the connection was closed";
  else if (!is_too_large() && !runtime_->next_due())
    why = "the app is idle, and nothing waits for time to pass";
  // An endless response would keep later runs busy.
  leave();
  runtime_->run();
  throw failure(has_begun() ? "the response to " + title_ + " has not ended: " + why
                            : "no response to " + title_ + ": " + why);
}

// Waits for more than that much content; returns false at the end of the response.
bool pending_response::await_content(std::size_t more_than) {
  const auto has_more = [&] { return so_far().content().size() > more_than; };
  runtime_->run_until([&] { return is_ready() || has_more() || peer_.is_closed(); },
                      longest_stream);
  if (!is_ready() && !has_more())
    give_up("an hour has passed without any of it");
  return has_more();
}

std::optional<std::string> pending_response::next_piece() {
  if (!await_content(given_))
    return std::nullopt;
  auto piece = so_far().content().substr(given_);
  given_ += piece.size();
  return piece;
}

std::optional<std::string> pending_response::next_event() {
  for (;;) {
    const auto& content = so_far().content();
    const auto end = content.find("\n\n", given_);
    if (end != std::string::npos) {
      auto event = content.substr(given_, end - given_);
      given_ = end + 2;
      return event;
    }
    if (!await_content(content.size()))
      return std::nullopt;
  }
}

// -- test_app -------------------------------------------------------------------------

test_app::test_app(const config& options, std::size_t reactors)
    : runtime_(settings_of(options, reactors)) {}

test_app::test_app(const registration& add_routes, const config& options, std::size_t reactors)
    : test_app(options, reactors) {
  add_routes(routes());
}

} // namespace sake::testing
